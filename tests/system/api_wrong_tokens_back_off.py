#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: wrong tokens from an address back off: five are answered 401, then it has to wait, 429 with Retry-After.
Whoever has a valid one goes on, the first time too, and other addresses are not held up."""
import concurrent.futures
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

    # Whoever has a valid one goes on, though it was never used from there before.
    def long_wait():
        status, headers, _body = ask(stand, "another guess", elsewhere)
        return status == 429 and int(headers["Retry-After"]) >= 8
    wait_until(long_wait, "a wait of 8 seconds", timeout=60)
    fresh, among_guesses = (service.api("POST", "/tokens", {"name": name, "role": "read"}, expect=201) for name in ("fresh", "among"))
    for made in (fresh, among_guesses):
        stand.keep_secret(made["token"], "token")
    assert ask(stand, fresh["token"], elsewhere)[0] == 200, "a valid one where somebody guesses"
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: ask(stand, among_guesses["token"] if n == 10 else f"guess{n}", elsewhere)[0], range(20)))
    assert answers[10] == 200 and set(answers[:10] + answers[11:]) <= {401, 429}, answers
    assert answers.count(429) >= 10, f"who guesses waits as before: {answers}"
    assert ask(stand, service.token, "127.0.0.4")[0] == 200
    service.api("POST", f"/tokens/{fresh['token_id']}/revoke")
    assert ask(stand, fresh["token"], elsewhere)[0] in (401, 429), "a revoked one is a wrong one"
    assert "wrong tokens from 127.0.0.3" in service.process.log()


run(api_wrong_tokens_back_off)
