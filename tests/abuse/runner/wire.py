# SPDX-License-Identifier: Apache-2.0
"""A client that publishes at QoS 2 and never releases what it has handed over, in either version of MQTT."""
import struct

from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string

_PUBREC = 5
_A_DAY = b"\x05\x11" + struct.pack("!I", 86400)  # MQTT 5: Session Expiry Interval


def _connect_5(client_id, username, password):
    return encode_packet(0x10, encode_string("MQTT") + b"\x05\xc0" + struct.pack("!H", 60) + _A_DAY +
                         b"".join(map(encode_string, (client_id, username, password))))


class QoS2:
    def __init__(self, port, version, credentials):
        self._version, self._client = version, RawClient(port)
        self._client.send(connect_packet(*credentials, clean=False) if version == 4 else _connect_5(*credentials))
        answer = self._client.receive()
        assert answer and answer[0] == 0x20 and answer[1][1] == 0, answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def hand_over(self, topic, payload, mid):
        """The reason in its PUBREC, 0 where there is none; None where the broker has ended the connection."""
        empty = b"\0" if self._version == 5 else b""
        try:
            self._client.send(encode_packet(0x34, encode_string(topic) + struct.pack("!H", mid) + empty + payload))
        except OSError:
            return None
        while answer := self._client.receive():
            if answer[0] >> 4 == _PUBREC and answer[1][:2] == struct.pack("!H", mid):
                return answer[1][2] if len(answer[1]) > 2 else 0
        return None
