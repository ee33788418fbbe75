#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-1, UP-1: an encrypted product's uplink, the upper-case hex of AES-128-ECB-PKCS5 of compact JSON, is opened,
stored in plain and acked; lower-case hex too; and any JSON text that opens, compact or not."""
import json

from stand import run
from stand.crypto import seal


def enc_1_encrypted_uplink_is_opened_and_acked(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    payloads = [{"deviceId": "10000001", "power": 99}, {}, [], "text", "", 0, -1.5, True, None, {"深": {"圳": ["设备"]}},
                {"x": "y" * 20000}, {"n": 2**64 - 1}, "00112233445566778899AABBCCDDEEFF"]
    for number, payload in enumerate(payloads):
        sealed = device.seal(payload)
        for message_id, text in ((2 * number, sealed), (2 * number + 1, sealed.lower())):
            ack = device.send(client, "uplink", text, message_id)
            assert ack["Payload"] == {"Code": "200", "Msg": "SUCCESS"}, "acks are plain (FRAME-4)"
            assert ack["HeaderCtrl"] == 4
    loose = json.dumps({"a": 1, "b": [2]}, indent=2)
    assert device.send(client, "uplink", seal(device.session_key, loose), 100)["Payload"]["Code"] == "200"

    stored = {m["message_id"]: m for m in device.messages()}
    for number, payload in enumerate(payloads):
        for message_id in (2 * number, 2 * number + 1):
            message = stored[message_id]
            assert message["payload"] == payload and message["encrypted"] is True, (payload, message)
    assert stored[100]["payload"] == {"a": 1, "b": [2]}


run(enc_1_encrypted_uplink_is_opened_and_acked)
