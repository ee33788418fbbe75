# SPDX-License-Identifier: Apache-2.0
"""A client of HTTP that may come from any address of 127.0.0.0/8, and may leave its request unfinished."""
import http.client
import socket

from .waiting import seconds


def connect(port, address="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", port), seconds(30), source_address=(address, 0))


def answer(connection):
    """Status, headers and body of the next answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.headers, response.read()


def ask(port, path, address="127.0.0.1"):
    """(status, headers, body) of a request on a connection of its own; (None, None, b"") where it is closed without a word."""
    with connect(port, address) as connection:
        try:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        except ConnectionError:
            pass  # turned away already: the answer is there
        try:
            return answer(connection)
        except (ConnectionError, http.client.HTTPException):
            return None, None, b""
