# SPDX-License-Identifier: Apache-2.0
"""MQTT by the byte, in both versions: what comes back, told in the catalogue's words."""
import socket
import struct

from stand.waiting import seconds

from .notation import with_length

PINGREQ, DISCONNECT = b"\xc0\x00", b"\xe0\x00"
_NAMES = {2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 5: "PUBREC", 6: "PUBREL", 7: "PUBCOMP", 9: "SUBACK", 11: "UNSUBACK",
          13: "PINGRESP", 14: "DISCONNECT", 15: "AUTH"}


def string(data):
    data = data if isinstance(data, bytes) else data.encode()
    return struct.pack("!H", len(data)) + data


def connect(level, client_id, username, password, will=None, keepalive=60):
    """A CONNECT that starts clean; None leaves a text out."""
    empty = b"\0" if level == 5 else b""
    flags = 0x02
    payload = string(client_id)
    if will:
        flags |= 0x04 | (0x20 if will.get("retain") else 0) | will.get("qos", 1) << 3
        payload += empty + string(will["topic"]) + string(will["payload"])
    for flag, text in ((0x80, username), (0x40, password)):
        if text is not None:
            flags |= flag
            payload += string(text)
    return b"\x10" + with_length(string("MQTT") + bytes([level, flags]) + struct.pack("!H", keepalive) + empty + payload)


def publish(level, topic, payload, qos=1, retain=False, mid=1, properties=b""):
    body = string(topic) + (struct.pack("!H", mid) if qos else b"")
    if level == 5:
        body += with_length(properties)
    return bytes([0x30 | qos << 1 | retain]) + with_length(body + payload)


def subscribe(level, *filters, qos=1, mid=1):
    return b"\x82" + with_length(struct.pack("!H", mid) + (b"\0" if level == 5 else b"") +
                                 b"".join(string(filter_) + bytes([qos]) for filter_ in filters))


class NotLetIn(AssertionError):
    def __init__(self, client_id, came):
        super().__init__(f"{client_id} was not let in: {came}")
        self.came = came


class Connection:
    def __init__(self, port, address="127.0.0.1", patience=20):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds(patience), (address, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""
        self.level = 4

    def close(self):
        self.socket.close()

    def send(self, data):
        """False where the broker has closed already."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _more(self):
        try:
            part = self.socket.recv(65536)
        except ConnectionResetError:
            part = b""
        self._data += part
        return bool(part)

    def receive(self):
        """(type byte, body); None when the broker has closed."""
        while True:
            length, at = 0, 1
            while at < len(self._data) and at <= 4:
                byte = self._data[at]
                length |= (byte & 0x7F) << 7 * (at - 1)
                at += 1
                if not byte & 0x80:
                    if len(self._data) >= at + length:
                        first, body = self._data[0], self._data[at:at + length]
                        self._data = self._data[at + length:]
                        return first, body
                    break
            if not self._more():
                return None

    def login(self, level, client_id, username, password, **options):
        self.level = level
        self.send(connect(level, client_id, username, password, **options))
        answer = self.receive()
        came = self.told(answer) if answer else "closed"
        if came != "CONNACK 00":
            self.close()
            raise NotLetIn(client_id, came)
        return self

    def told(self, packet):
        """One received packet in the catalogue's words."""
        first, body = packet
        name = _NAMES.get(first >> 4, f"packet {first:02x}")
        if first >> 4 in (2,):
            return f"{name} {body[1]:02x}"
        if first >> 4 == 3:
            size = struct.unpack("!H", body[:2])[0]
            return f"{name} {body[2:2 + size].decode()}"
        if first >> 4 in (9, 11):
            at = 2 if self.level < 5 else 3 + body[2]
            codes = [f"{code:02x}" for code in body[at:]]
            return f"{name} {codes[0]}×{len(codes)}" if len(codes) > 9 and len(set(codes)) == 1 else " ".join([name] + codes)
        if first >> 4 in (4, 5, 7):
            return name + (f" {body[2]:02x}" if len(body) > 2 and body[2] else "")
        if first >> 4 == 14:
            return name + (f" {body[0]:02x}" if body else "")
        return name

    def outcome(self, half=False):
        """All that comes: until the answer to a ping, or (`half`: nothing more will be sent) the end."""
        said = []
        if half:
            self.end_sending()
        else:
            self.send(PINGREQ)
        while True:
            packet = self.receive()
            if packet is None:
                return ", ".join(said if half else said + ["closed"]) or "silence"
            if packet[0] == 0xD0 and not half:
                return ", ".join(said + ["open"])
            said.append(self.told(packet))
