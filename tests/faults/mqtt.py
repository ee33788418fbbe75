# SPDX-License-Identifier: Apache-2.0
"""MQTT 3.1.1 for many devices in one thread: as much of it as a device needs."""
import asyncio
import struct

from stand.raw_mqtt import connect_packet, encode_packet, encode_string

_PINGREQ, _DISCONNECT = b"\xc0\x00", b"\xe0\x00"


class Refused(Exception):
    """CONNACK said no."""


class Lost(Exception):
    """The connection ended."""


class Connection(asyncio.Protocol):
    """One connection. `owner` has received(self, topic, payload) and taken(mid): what came, and what the broker has."""

    def __init__(self, owner, keepalive):
        self._owner, self._keepalive = owner, keepalive
        self._buffer, self._mid = bytearray(), 0
        self._transport = None
        loop = asyncio.get_running_loop()
        self._answers = {0x20: loop.create_future(), 0x90: loop.create_future()}
        self.lost = loop.create_future()
        self._heard = loop.time()

    @classmethod
    async def open(cls, owner, address, credentials, filters, keepalive=10):
        """Logged in and subscribed, or Refused, Lost, OSError or a time-out."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            _, self = await loop.create_connection(lambda: cls(owner, keepalive), *address)
        try:
            async with asyncio.timeout(15):
                self._transport.write(connect_packet(*credentials, keepalive=keepalive))
                code = (await self._answers[0x20])[1]
                if code:
                    raise Refused(code)
                if filters:
                    await self._subscribe(filters)
        except BaseException:
            self.abort()
            raise
        return self

    async def _subscribe(self, filters):
        body = struct.pack("!H", 65535) + b"".join(encode_string(name) + b"\x01" for name in filters)
        self._transport.write(encode_packet(0x82, body))
        codes = (await self._answers[0x90])[2:]
        if any(code >= 0x80 for code in codes):
            raise Refused(f"SUBACK {codes.hex()}")

    def publish(self, topic, payload):
        """At QoS 1; its packet id."""
        self._mid = self._mid % 65000 + 1
        body = encode_string(topic) + struct.pack("!H", self._mid) + payload.encode()
        self._transport.write(encode_packet(0x32, body))
        return self._mid

    async def keep_alive(self):
        """Until the broker has been silent for too long."""
        loop = asyncio.get_running_loop()
        while loop.time() - self._heard < 1.5 * self._keepalive:
            await asyncio.sleep(self._keepalive / 3)
            self._transport.write(_PINGREQ)
        self.abort()

    def disconnect(self):
        self._transport.write(_DISCONNECT)
        self._transport.close()

    def abort(self):
        self._transport.abort()

    # -- asyncio's calls
    def connection_made(self, transport):
        self._transport = transport

    def connection_lost(self, _error):
        for future in (*self._answers.values(), self.lost):
            if not future.done():
                future.set_exception(Lost())
                future.exception()  # looked at: nobody need wait for it

    def data_received(self, data):
        self._heard = asyncio.get_running_loop().time()
        self._buffer += data
        while (packet := self._take()) is not None:
            self._handle(*packet)

    def _take(self):
        length = shift = 0
        for index in range(1, len(self._buffer)):
            byte = self._buffer[index]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte & 0x80:
                continue
            end = index + 1 + length
            if len(self._buffer) < end:
                return None
            first, body = self._buffer[0], bytes(self._buffer[index + 1:end])
            del self._buffer[:end]
            return first, body
        return None

    def _handle(self, first, body):
        kind = first & 0xF0
        if kind in self._answers and not self._answers[kind].done():
            self._answers[kind].set_result(body)
        elif kind == 0x40:
            self._owner.taken(struct.unpack("!H", body[:2])[0])
        elif kind == 0x30:
            size = struct.unpack("!H", body[:2])[0]
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            if first & 0x06:
                self._transport.write(encode_packet(0x40, rest[:2]))
                rest = rest[2:]
            self._owner.received(self, topic, rest)
