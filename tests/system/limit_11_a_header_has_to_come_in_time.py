#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-11: a connection's first header, and every further one from its first byte, has to be there in time, however slowly it
drips in; else 408, which names limit and setting. A connection that waits between two requests may do so."""
import select
import time

from stand import run
from stand.http_peer import answer, connect
from stand.waiting import seconds

TIME = 2


def drip(connection, data):
    """Sends it byte by byte until there is an answer; how long that took."""
    began = time.monotonic()
    for byte in data:
        connection.sendall(bytes([byte]))
        if select.select([connection], [], [], 0.1)[0]:
            break
    return time.monotonic() - began


def in_time(stand, port, path, good, section):
    def too_late(connection):
        status, _, body = answer(connection)
        assert status == 408 and b"LIMIT-11" in body and f"[{section}] header_s".encode() in body, (status, body)
        assert connection.recv(1) == b"", "it is closed"
    began = time.monotonic()
    silent = connect(port)
    too_late(silent)
    assert TIME - 0.5 < time.monotonic() - began < seconds(TIME + 3)

    dripping = connect(port)
    assert TIME - 0.5 < drip(dripping, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200) < seconds(TIME + 3)
    too_late(dripping)

    kept = connect(port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    kept.sendall(request)
    assert answer(kept)[0] == good
    assert not select.select([kept], [], [], TIME + 1)[0], "it may wait before its next request"
    kept.sendall(request)
    assert answer(kept)[0] == good
    drip(kept, b"GET /x" + b"a" * 200)
    too_late(kept)


def limit_11_a_header_has_to_come_in_time(stand):
    in_time(stand, stand.service.port, "/livez", 200, "http")
    in_time(stand, stand.service.download_port, "/ota/00000000", 404, "download")
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert 'xgate_limit_exceeded_total{requirement="LIMIT-11"} 6\n' in metrics, metrics
    assert stand.service.process.log().count("LIMIT-11: 127.0.0.1: ") <= 3, "not one line each"


run(limit_11_a_header_has_to_come_in_time, settings=f"[http]\nheader_s = {TIME}\n[download]\nheader_s = {TIME}\n")
