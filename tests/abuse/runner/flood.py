# SPDX-License-Identifier: Apache-2.0
"""A connection that sends all it has as fast as TCP takes it, and reads what comes meanwhile."""
import contextlib
import re
import socket
import threading
import time

from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string

LONGEST_S = 15


def publish(topic, payload, qos=0, mid=1):
    payload = payload if isinstance(payload, bytes) else payload.encode()
    return encode_packet(0x30 | qos << 1, encode_string(topic) + (mid.to_bytes(2, "big") if qos else b"") + payload)


def subscribe(filters, mid=1):
    return encode_packet(0x82, mid.to_bytes(2, "big") + b"".join(encode_string(each) + b"\0" for each in filters))


def unsubscribe(filters, mid=1):
    return encode_packet(0xA2, mid.to_bytes(2, "big") + b"".join(map(encode_string, filters)))


class Flood:
    def __init__(self, port, credentials, clean=True, address=None):
        self._client = RawClient(port, address=address)
        self._client.send(connect_packet(*credentials, clean=clean, keepalive=600))
        answer = self._client.receive()
        self.let_in = bool(answer) and answer[1][1] == 0
        self._got = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        if self.let_in:
            self._reader.start()
        else:
            self._client.close()

    def _read(self):
        try:
            while part := self._client.socket.recv(65536):
                self._got += part
        except OSError:
            pass

    def send(self, packets, until=None):
        """How many of these were sent before the broker ended it, or the time was over."""
        until = until or time.monotonic() + LONGEST_S
        self._client.socket.settimeout(LONGEST_S)
        sent = 0
        try:
            for packet in packets:
                if not self._reader.is_alive() or time.monotonic() > until:
                    break
                self._client.send(packet)
                sent += 1
        except OSError:
            pass
        return sent

    def ended(self, patience=3):
        """Whether the broker has ended it."""
        self._reader.join(patience)
        return not self._reader.is_alive()

    def codes(self):
        """{code: how often} of the answers that came."""
        found = {}
        for code in re.findall(rb'"Code":\s*"?(\d+)', bytes(self._got)):
            found[code.decode()] = found.get(code.decode(), 0) + 1
        return found

    def await_answers(self, quiet=0.3):
        """Until nothing has come for a while; in all, three seconds."""
        until = time.monotonic() + 3
        while time.monotonic() < until:
            before = len(self._got)
            time.sleep(quiet)
            if len(self._got) == before:
                return

    def close(self):
        with contextlib.suppress(OSError):  # it may be over already
            self._client.socket.shutdown(socket.SHUT_RDWR)  # or the thread that reads would hold it open
        self._client.close()
