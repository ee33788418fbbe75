#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""RFC 9112, 2.2: an empty line before or after a request is ignored, where devices download and at the API; so is a second
blank after `Bearer` (RFC 9110, 11.4)."""
import socket

from stand import run
from stand.ota import Firmware, content, start, upload
from stand.waiting import seconds


class Raw:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds(20))
        self.reader = self.socket.makefile("rb")

    def answer(self):
        """Status and body of the next answer."""
        status, length = int(self.reader.readline().split()[1]), 0
        while line := self.reader.readline().strip():
            name, _, value = line.decode().partition(": ")
            length = int(value) if name.lower() == "content-length" else length
        return status, self.reader.read(length)


def downloads(stand):
    product = stand.product()
    device = stand.device(product)
    body = content(1000)
    upload(stand, product, "v2", body)
    start(stand, product, "v2", [device])
    path = "/" + Firmware(device).boot().notified()["Payload"]["Url"].split("/", 3)[3]
    modem = Raw(stand.service.download_port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=%d-%d\r\n\r\n\r\n"
    modem.socket.sendall(b"\r\n" + (request % (0, 9) + request % (10, 19)).encode())
    assert modem.answer() == (206, body[:10])
    assert modem.answer() == (206, body[10:20])
    modem.socket.sendall(b"\r")
    modem.socket.sendall(("\n\n" + request % (20, 29)).encode())
    assert modem.answer() == (206, body[20:30])
    modem.socket.sendall(b"\rGET / HTTP/1.1\r\n\r\n")
    assert modem.answer()[0] == 400, "a CR alone is no line"


def api(stand):
    client = Raw(stand.service.port)
    request = f"GET /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer  {stand.service.token}\r\n"
    client.socket.sendall((request + "\r\n\r\n" + request + "\r\n\r\n").encode())
    assert [client.answer()[0] for _ in range(2)] == [200, 200]
    client.socket.sendall((request + "Connection: close\r\n\r\n\r\n\r\n").encode())
    assert client.answer()[0] == 200 and client.reader.read() == b"", "the answer is whole, and no other follows"


def http_empty_lines_are_ignored(stand):
    downloads(stand)
    api(stand)


run(http_empty_lines_are_ignored)
