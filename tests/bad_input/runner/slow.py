# SPDX-License-Identifier: Apache-2.0
"""Rows that take their time: begun at the start of the run, and judged at its end.

`to` "api", "download" or "mqtt"; `connections` so many; each sends `first`, then `drip` once a second.
`expect`: "closed" where the server has ended them all within `within` seconds, though bytes kept dripping in.
With `limit` the connections are made all at once and say nothing: `expect` "refused" where the server keeps no more
than so many, ends the others, and serves again once they are gone.
"""
import contextlib
import select
import socket
import threading
import time

from stand.waiting import DeadlinePassed, seconds, wait_until

from .http import HttpCases
from .notation import packet, shown, text
from .scene import View


class _Dripping(threading.Thread):
    """All slow connections of all rows; ends by itself when each is closed or its time is over."""

    def __init__(self):
        super().__init__(daemon=True)
        self.open = {}  # socket → (case, drip, deadline)
        self.over = {}  # case id → how many were closed by the server

    def run(self):
        while self.open:
            readable = select.select(list(self.open), [], [], 1)[0]
            for connection in list(self.open):
                case, drip, deadline = self.open[connection]
                if not self._alive(connection, connection in readable, drip):
                    self.over[case.id] = self.over.get(case.id, 0) + 1
                elif time.monotonic() < deadline:
                    continue
                del self.open[connection]
                connection.close()

    @staticmethod
    def _alive(connection, readable, drip):
        try:
            if readable and not connection.recv(65536):
                return False
            if drip:
                connection.send(drip)
        except OSError:
            return False
        return True


class SlowCases:
    def __init__(self, scene):
        self.scene = scene
        self._dripping = _Dripping()
        service = scene.stand.service
        self.ports = {"mqtt": scene.stand.broker.port, "api": service.port, "download": service.download_port}

    def begin(self, cases):
        view = View(self.scene, self.scene.devices["attacker"])
        for case in cases:
            if case.get("limit"):
                continue
            notation = packet if case.to == "mqtt" else text
            for _ in range(case.connections):
                connection = socket.create_connection(("127.0.0.1", self.ports[case.to]), seconds(20))
                connection.sendall(notation(case.get("first", ""), view))
                self._dripping.open[connection] = (case, notation(case.get("drip", ""), view),
                                                   time.monotonic() + seconds(case.within))
        self._dripping.start()
        for name, port in self.ports.items():
            self._accepted(name, port)

    @staticmethod
    def _accepted(name, port):
        """A listener accepts in order: when it ends this connection, it holds all that came before."""
        with socket.create_connection(("127.0.0.1", port), seconds(20)) as last:
            last.sendall(b"\xe0\x00" if name == "mqtt" else b"GET / HTTP/1.0\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                while last.recv(4096):
                    pass

    def run(self, case):
        if case.get("limit"):
            yield "", f"{case.connections} connections at once", self._flood(case)
            return

        def over():
            return not any(each.id == case.id for each, _, _ in list(self._dripping.open.values()))
        wait_until(over, f"the end of {case.id}", case.within + 5, every=0.2)
        closed = self._dripping.over.get(case.id, 0)
        yield "", shown(case.get("first", "") + case.get("drip", "")), \
            "closed" if closed == case.connections else f"{case.connections - closed} of {case.connections} still open"

    def _flood(self, case):
        def connected():
            connection = socket.create_connection(("127.0.0.1", self.ports[case.to]), seconds(20))
            connection.setblocking(False)
            return connection

        def ended(connection):
            try:
                while connection.recv(65536):
                    pass  # why it got no place
                return True
            except BlockingIOError:
                return False
            except OSError:
                return True
        flood = [connected() for _ in range(case.connections)]
        try:
            wait_until(lambda: sum(map(ended, flood)) >= case.connections - case.limit, "the surplus to be ended", 10)
        except DeadlinePassed:
            return f"{case.connections - sum(map(ended, flood))} are kept"
        finally:
            for connection in flood:
                connection.close()
        wait_until(lambda: HttpCases.exchange(self.ports[case.to], b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")[1],
                   "an answer after the flood")
        return "refused"

    def unrecorded(self):
        return []
