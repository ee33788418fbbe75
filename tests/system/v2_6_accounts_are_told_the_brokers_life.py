#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: by MQTT 5's authentication method `xgate` a service account logs in with its password and is told the broker's
epoch, another one after each start. Nobody else gets in that way, and who fails again and again has to wait."""
import struct

from stand import run
from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER
from stand.raw_mqtt import RawClient, encode_packet, encode_string

NOT_AUTHORIZED, BAD_METHOD = 0x87, 0x8C


def log_in(stand, client_id, username, password, method="xgate"):
    """CONNACK's code, and what it tells."""
    properties = b"\x15" + encode_string(method) + b"\x16" + encode_string(password)
    body = (encode_string("MQTT") + bytes([5, 0x82]) + struct.pack("!H", 60) + encode_packet(0, properties)[1:]  # a length and so many bytes
            + encode_string(client_id) + encode_string(username))
    raw = RawClient(stand.broker.port)
    raw.send(encode_packet(0x10, body))
    first, answer = raw.receive()
    raw.close()
    assert first == 0x20, first
    at = answer.find(b"\x16", 3)
    size = struct.unpack("!H", answer[at + 1:at + 3])[0] if at > 0 else 0
    return answer[1], answer[at + 3:at + 3 + size] if at > 0 else None


def v2_6_accounts_are_told_the_brokers_life(stand):
    device = stand.device()
    code, life = log_in(stand, "me", OPERATOR_USER, OPERATOR_PASSWORD)
    assert code == 0 and len(life) == 32, (code, life)
    assert log_in(stand, "me again", OPERATOR_USER, OPERATOR_PASSWORD) == (0, life)
    assert log_in(stand, "me", OPERATOR_USER, OPERATOR_PASSWORD, "SCRAM-SHA-256") == (BAD_METHOD, None)
    assert log_in(stand, *device.v2_credentials()) == (BAD_METHOD, None), "a device, though its password is right"
    assert log_in(stand, "me", "nobody", OPERATOR_PASSWORD) == (NOT_AUTHORIZED, None)
    stand.broker.restart()
    code, another = log_in(stand, "me", OPERATOR_USER, OPERATOR_PASSWORD)
    assert code == 0 and another != life, (code, another)
    for _ in range(6):
        assert log_in(stand, "me", OPERATOR_USER, "wrong") == (NOT_AUTHORIZED, None)
    assert log_in(stand, "me", OPERATOR_USER, OPERATOR_PASSWORD) == (NOT_AUTHORIZED, None), "right, and too early"
    stand.broker.reload()  # which also asks again for everybody who is there


run(v2_6_accounts_are_told_the_brokers_life)
