# SPDX-License-Identifier: Apache-2.0
"""MQTT by the byte, for what no client library would send, and for many connections at once."""
import socket
import struct

from .waiting import seconds


def encode_string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("!H", len(data)) + data


def encode_packet(first, body):
    length, out = len(body), bytearray([first])
    while True:
        byte, length = length % 128, length // 128
        out.append(byte | (0x80 if length else 0))
        if not length:
            return bytes(out) + body


def connect_packet(client_id, username=None, password=None, clean=True, keepalive=60, will=None):
    flags = 0x02 if clean else 0
    payload = encode_string(client_id)
    if will:
        flags |= 0x04 | 0x08 | (0x20 if len(will) > 2 and will[2] else 0)
        payload += encode_string(will[0]) + encode_string(will[1])
    if username is not None:
        flags |= 0x80
        payload += encode_string(username)
    if password is not None:
        flags |= 0x40
        payload += encode_string(password)
    return encode_packet(0x10, encode_string("MQTT") + bytes([4, flags]) + struct.pack("!H", keepalive) + payload)


class RawClient:
    """MQTT 3.1.1 over a plain blocking socket."""

    def __init__(self, port, timeout=20, address=None):
        """`address`: of 127.0.0.0/8, to come from."""
        self.socket = socket.create_connection(("127.0.0.1", port), seconds(timeout),
                                               source_address=(address, 0) if address else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._mid = 0

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _read(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                return None
            data += part
        return bytes(data)

    def receive(self):
        """(type byte, body), or None when the broker has closed."""
        try:
            first = self._read(1)
            if first is None:
                return None
            length = shift = 0
            while True:
                byte = self._read(1)
                if byte is None:
                    return None
                length |= (byte[0] & 0x7F) << shift
                shift += 7
                if not byte[0] & 0x80:
                    break
            body = self._read(length) if length else b""
            return None if body is None else (first[0], body)
        except ConnectionError:
            return None

    def login(self, client_id, username, password, **options):
        """CONNACK's code, or None when the broker closed without one."""
        self.send(connect_packet(client_id, username, password, **options))
        answer = self.receive()
        if answer is None:
            return None
        assert answer[0] == 0x20, answer
        return answer[1][1]

    def subscribe(self, topic, qos=1):
        self._mid = self._mid % 65535 + 1
        self.send(encode_packet(0x82, struct.pack("!H", self._mid) + encode_string(topic) + bytes([qos])))
        answer = self.receive()
        assert answer and answer[0] == 0x90, answer
        return answer[1][2]

    def publish(self, topic, payload, qos=0):
        body = encode_string(topic)
        if qos:
            self._mid = self._mid % 65535 + 1
            body += struct.pack("!H", self._mid)
        self.send(encode_packet(0x30 | qos << 1, body + (payload if isinstance(payload, bytes) else payload.encode())))
        return self._mid

    def next_publish(self):
        """(topic, payload) of the next PUBLISH, acknowledged."""
        while True:
            packet = self.receive()
            assert packet is not None, "the broker closed the connection"
            if packet[0] >> 4 != 3:
                continue
            first, body = packet
            size = struct.unpack("!H", body[:2])[0]
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            if first & 0x06:
                self.send(encode_packet(0x40, rest[:2]))
                rest = rest[2:]
            return topic, rest
