#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-3: model/hex carries nothing but hex, quoted or bare; the script tells property from event; the ack has HeaderCtrl
28 and a MessageId of the platform's."""
import json

from stand import run
from stand.hex_product import ALARM, PROPERTIES, REPLY, scripted_product


def hex_3_full_hex_quoted_and_bare(stand):
    device = stand.device(scripted_product(stand))
    client = device.login(subscribe=["model/hex_ack"])

    def send(body):
        client.publish(device.topic("model/hex"), body)
        ack = json.loads(client.next(device.topic("model/hex_ack")).payload)
        assert ack["HeaderCtrl"] == 28 and 1 <= ack["MessageId"] < 1 << 31, ack
        return ack["Payload"]

    for body in (f'"{PROPERTIES}"', PROPERTIES, PROPERTIES.upper(), ALARM, f'"{ALARM}"', REPLY):
        assert send(body) == {"Code": "200", "Msg": "SUCCESS"}, body
    assert len(stand.service.items(f"/devices/{device.name}/history/prop_float")) == 3
    assert [e["params"] for e in stand.service.items(f"/devices/{device.name}/events")] == [{"code": 7}] * 2
    for body in ("99", "0", "xyz", '"0"'):
        answer = send(body)
        assert answer["Code"] == "4001" and answer["Msg"], (body, answer)


run(hex_3_full_hex_quoted_and_bare)
