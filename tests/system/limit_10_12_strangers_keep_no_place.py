#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-10, LIMIT-12: whoever shows no valid token, and no live DownID, keeps no place: not by a request whose body does not come,
not by answers that he does not read. All places are taken so, and the next who comes is answered."""
import contextlib
import select
import socket

from stand import run
from stand.http_peer import ask
from stand.waiting import wait_until

PLACES = 4
STRANGER = "127.0.0.7"
HOST = "Host: localhost\r\n"


def greedy(port):
    """A connection that has room for few answers."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((STRANGER, 0))
    connection.connect(("127.0.0.1", port))
    return connection


def without_body(port, head):
    connection = greedy(port)
    connection.sendall(f"{head}\r\n\r\n".encode())
    return connection


def without_reader(port, path):
    """Asks until nothing more is taken: an answer is stuck."""
    connection = greedy(port)
    request = f"GET {path} HTTP/1.1\r\n{HOST}\r\n".encode() * 100
    connection.setblocking(False)
    while select.select([], [connection], [], 0.5)[1]:
        connection.send(request)
    return connection


def given_to_others(port, path, good, hold):
    with contextlib.ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(hold(port))
        wait_until(lambda: ask(port, path)[0] == good, "a stranger's place", 5)


def limit_10_12_strangers_keep_no_place(stand):
    body = "Transfer-Encoding: chunked", "Content-Length: 1000", "Content-Length: 1000\r\nExpect: 100-continue"
    heads = [f"GET /livez HTTP/1.1\r\n{HOST}{what}" for what in body]
    heads += [f"POST /api/v1/vendors HTTP/1.1\r\n{HOST}Authorization: Bearer wrong\r\nContent-Type: application/json\r\n{what}"
              for what in body]
    for head in heads:
        given_to_others(stand.service.port, "/livez", 200, lambda port, head=head: without_body(port, head))
        given_to_others(stand.service.download_port, "/", 404, lambda port, head=head: without_body(port, head))
    given_to_others(stand.service.port, "/livez", 200, lambda port: without_reader(port, "/metrics"))
    given_to_others(stand.service.download_port, "/", 404, lambda port: without_reader(port, "/"))


run(limit_10_12_strangers_keep_no_place,
    settings="".join(f"[{section}]\nconnections = {PLACES}\nconnections_per_address = {PLACES}\nheader_s = 60\n"
                     for section in ("http", "download")))
