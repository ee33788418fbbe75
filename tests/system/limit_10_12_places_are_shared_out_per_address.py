#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-10 (API), LIMIT-12 (downloads): of the connections one address has its share; beyond it is answered 429, and 503 where
all are taken, each naming limit and setting. Connections that are silent give way; those that are busy do not."""
import json
import socket

from stand import run
from stand.http_peer import answer, ask, connect
from stand.ota import Firmware, content, start, upload
from stand.waiting import wait_until

ALL, SHARE = 20, 5


def busy_at_api(stand, address):
    """A request of somebody who is known, whose body does not come."""
    connection = connect(stand.service.port, address)
    connection.sendall(f"POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {stand.service.token}\r\n"
                       "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n".encode())
    return begun(connection, b"HTTP/1.1 100 Con")


def busy_at_downloads(stand, address, path):
    """A download of which hardly anything is taken."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((address, 0))
    connection.connect(("127.0.0.1", stand.service.download_port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return begun(connection, b"HTTP/1.1 200 OK\r")


def begun(connection, words):
    """Nothing where it was turned away."""
    try:
        if connection.recv(len(words)) == words:
            return connection
    except ConnectionError:
        pass
    connection.close()
    return None


def shared_out(stand, port, path, good, limit, section, busy):
    held = []

    def hold(address, count=1):
        held.extend(wait_until(lambda: busy(address), "a place") for _ in range(count))

    hold("127.0.0.8", SHARE - 1)
    quiet = connect(port, "127.0.0.8")
    hold("127.0.0.8")  # once the silent one had the time that everybody has who has just come, and so had those before it
    assert quiet.recv(1) == b"", "of its own address a silent connection gives way"
    status, headers, body = ask(port, path, "127.0.0.8")
    assert status == 429 and headers["Retry-After"] == "1" and headers["Connection"] == "close", (status, body)
    assert limit.encode() in body and f"[{section}] connections_per_address".encode() in body, body
    assert ask(port, path)[0] == good, "another address"

    quiet = connect(port, "127.0.0.9")
    for address in ("127.0.0.10", "127.0.0.11", "127.0.0.12"):
        hold(address, SHARE)
    # the last of these took the silent one's place
    assert quiet.recv(1) == b"", "a silent connection gives way"
    status, headers, body = ask(port, path, "127.0.0.13")
    assert status == 503 and limit.encode() in body and f"[{section}] connections".encode() in body, (status, body)
    held.pop().close()
    wait_until(lambda: ask(port, path, "127.0.0.13")[0] == good, "a place that was given back")
    for connection in held:
        connection.close()
    wait_until(lambda: ask(port, path, "127.0.0.8")[0] == good, "the share given back")
    log = stand.service.process.log()
    assert f"{limit}: 127.0.0.8: " in log and log.count(f"{limit}: 127.0.0.8: ") == 1, "once"


def limit_10_12_places_are_shared_out_per_address(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(8_000_000))
    start(stand, product, "v2", [device])
    url = Firmware(device).boot().notified()["Payload"]["Url"]
    path = "/" + url.split("/", 3)[3]
    shared_out(stand, stand.service.download_port, "/ota/00000000", 404, "LIMIT-12", "download",
               lambda address: busy_at_downloads(stand, address, path))
    shared_out(stand, stand.service.port, "/livez", 200, "LIMIT-10", "http",
               lambda address: busy_at_api(stand, address))

    kept = connect(stand.service.port)  # a connection that is used now and then is kept
    for _ in range(3):
        kept.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer(kept)[0] == 200
    crowd = [wait_until(lambda: busy_at_api(stand, "127.0.0.8"), "a place") for _ in range(SHARE)]
    wait_until(lambda: ask(stand.service.port, "/livez", "127.0.0.8")[0] == 429, "the share used up")
    problem = json.loads(ask(stand.service.port, "/livez", "127.0.0.8")[2])
    assert problem["type"] == "urn:xgate:problem:too-many-connections" and problem["status"] == 429, problem
    for connection in crowd:
        connection.close()


run(limit_10_12_places_are_shared_out_per_address,
    settings="".join(f"[{section}]\nconnections = {ALL}\nconnections_per_address = {SHARE}\nheader_s = 60\n"
                     for section in ("http", "download")))
