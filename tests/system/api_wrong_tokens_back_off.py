#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: wrong tokens from an address back off: five are answered 401, then it has to wait, 429 with Retry-After.
Whoever had a good one before goes on, and other addresses are not held up."""
import http.client

from stand import run
from stand.waiting import seconds, wait_until


def ask(stand, token, address=None):
    connection = http.client.HTTPConnection("127.0.0.1", stand.service.port, timeout=seconds(30),
                                            source_address=(address, 0) if address else None)
    try:
        connection.request("GET", "/api/v1/vendors", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def api_wrong_tokens_back_off(stand):
    service, elsewhere = stand.service, "127.0.0.3"
    assert ask(stand, service.token)[0] == 200

    for number in range(6):  # the sixth begins the wait
        assert ask(stand, f"guess{number}", elsewhere)[0] == 401, number

    def too_many():
        status, headers, body = ask(stand, "another guess", elsewhere)
        assert status in (401, 429), body
        return (headers, body) if status == 429 else None
    headers, body = wait_until(too_many, "429")
    assert int(headers["Retry-After"]) >= 1 and headers["Content-Type"].startswith("application/problem+json"), headers
    assert "too many wrong tokens" in body and "urn:xgate:problem:too-many-failures" in body, body

    # Whoever had it before goes on from his address, and nobody else is held up.
    for number in range(12):
        ask(stand, f"guess{number}")
    assert ask(stand, service.token)[0] == 200, "good from here before"
    assert ask(stand, service.token, "127.0.0.4")[0] == 200
    assert "wrong tokens from 127.0.0.3" in service.process.log()


run(api_wrong_tokens_back_off)
