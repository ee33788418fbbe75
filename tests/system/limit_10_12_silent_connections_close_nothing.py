#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-10, LIMIT-12: 600 silent connections at the API and 1,100 where devices download, all from one address, with the
settings as they come: others do not notice, and at that address too, who asks is answered."""
import contextlib
import resource
import socket
import time

from stand import run
from stand.http_peer import ask
from stand.waiting import wait_until

FLOODER = "127.0.0.7"


def silent(port, count):
    held = []
    for _ in range(count):
        connection = socket.socket()
        connection.bind((FLOODER, 0))
        with contextlib.suppress(ConnectionError):
            connection.connect(("127.0.0.1", port))
        held.append(connection)
    return held


def limit_10_12_silent_connections_close_nothing(stand):
    began = time.monotonic()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for port, count, path, good in ((stand.service.port, 600, "/livez", 200),
                                    (stand.service.download_port, 1100, "/ota/00000000", 404)):
        held = silent(port, count)
        for _ in range(20):
            assert ask(port, path)[0] == good, "another address"
        wait_until(lambda: ask(port, path, FLOODER)[0] == good, "the flooder's own address to be answered", 5)
        for connection in held:
            connection.close()
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    for limit in ("LIMIT-10", "LIMIT-12"):
        assert f'xgate_limit_exceeded_total{{requirement="{limit}"}} 0' not in metrics, metrics
        told = stand.service.process.log().count(f"{limit}: {FLOODER}: ")
        assert 1 <= told <= 2 + (time.monotonic() - began) / 60, "the log hears of it once a minute"


run(limit_10_12_silent_connections_close_nothing)
