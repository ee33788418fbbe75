# SPDX-License-Identifier: Apache-2.0
"""Rows that are HTTP requests, to the API or (`to = "download"`) to where devices fetch firmware.

`raw` is all that is sent; or `method`, `path`, `headers`, `type` and `body` are made into one request with a good
token (`token = "none"` leaves it out). Then the sending side is closed, and all answers are read until the end.
`expect`: "STATUS PROBLEM-TYPE" of each answer, joined by "; "; "silence" where the connection ends without one.
`says`: a text that the last answer's body holds.
"""
import json
import re
import socket

from stand.waiting import seconds

from .notation import shown, text, to_bytes
from .scene import View

_TYPES = {"json": "application/json", "csv": "text/csv", "script": "text/javascript", "file": "application/octet-stream",
          "patch": "application/merge-patch+json"}


def request(case, view):
    if case.get("raw") is not None:
        return text(case.raw, view)
    lines = [to_bytes(case.get("method", "GET")) + b" " + text(case.get("path", "/"), view) + b" HTTP/1.1", b"Host: localhost"]
    if case.get("to") != "download" and case.get("token") != "none":
        lines.append(b"Authorization: Bearer " + text(case.get("token", "${token}"), view))
    body = text(case.body, view) if case.get("body") is not None else None
    headers = {name.lower() for name in case.get("headers", {})}
    if body is not None:
        if "content-type" not in headers:
            lines.append(b"Content-Type: " + _TYPES.get(case.get("type", "json"), case.get("type", "")).encode())
        if not headers & {"content-length", "transfer-encoding"}:
            lines.append(b"Content-Length: " + str(len(body)).encode())
    lines += [name.encode() + b": " + text(value, view) for name, value in case.get("headers", {}).items()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def split_answers(data, head=False):
    """[(status, headers, body)] of all that came, and what is left over."""
    answers = []
    while True:
        end = data.find(b"\r\n\r\n")
        match = re.match(rb"HTTP/1\.[01] (\d{3})", data)
        if end < 0 or not match:
            return answers, data
        status, rest = int(match[1]), data[end + 4:]
        headers = {line.partition(b":")[0].strip().lower().decode(): line.partition(b":")[2].strip().decode()
                   for line in data[:end].split(b"\r\n")[1:]}
        if status == 100:
            data = rest
            continue
        if headers.get("transfer-encoding") == "chunked" and not head:
            body, rest = _dechunk(rest)
        else:
            length = 0 if head or status in (204, 304) else int(headers.get("content-length", "0"))
            body, rest = rest[:length], rest[length:]
        answers.append((status, headers, body))
        data = rest


def _dechunk(data):
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line.split(b";")[0] or b"0", 16)
        body, data = body + data[:size], data[size + 2:]
        if not size:
            return body, data


class HttpCases:
    def __init__(self, scene):
        self.scene, self.service = scene, scene.stand.service

    def ports(self):
        return {"api": self.service.port, "download": self.service.download_port}

    def run(self, case):
        view = View(self.scene, self.scene.devices[case.get("device", "web")])
        data = request(case, view)
        sent, came = self.exchange(self.ports()[case.get("to", "api")], data)
        head = data.startswith(b"HEAD ")
        answers, rest = split_answers(came, head)
        yield "", shown(data), self._told(case, answers, rest, sent)

    @staticmethod
    def exchange(port, data):
        """Whether all could be sent, and all that came until the server closed."""
        with socket.create_connection(("127.0.0.1", port), seconds(40)) as connection:
            sent = True
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                sent = False
            came = b""
            try:
                while part := connection.recv(1 << 16):
                    came += part
            except ConnectionResetError:
                pass  # what came before it counts
            return sent, came

    def _told(self, case, answers, rest, _sent):
        said = []
        for status, headers, body in answers:
            kind = headers.get("content-type", "")
            if kind.startswith("application/problem+json") and body:
                problem = json.loads(body)
                assert problem["status"] == status and problem["title"], problem
                said.append(f"{status} {problem['type'].removeprefix('urn:xgate:problem:')}")
            elif status >= 400 and case.get("to") != "download" and body:
                said.append(f"{status} without a problem: {body[:80]!r}")
            else:
                said.append(str(status))
        if rest:
            said.append(f"and {rest[:60]!r}")
        if answers and case.get("says") and case.says not in answers[-1][2].decode("utf-8", "replace"):
            said.append(f"saying {answers[-1][2][:200].decode('utf-8', 'replace')}")
        return "; ".join(said) or "silence"

    def unrecorded(self):
        return []
