#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-1 with ENC-5: an encrypted hex report is opened, whether its text or its bytes were encrypted, before the script
runs; the full hex of the same product is never encrypted (HEX-3)."""
import json

from stand import run
from stand.crypto import aes_ecb_encrypt, seal
from stand.hex_product import PROPERTIES, scripted_product


def hex_1_encrypted_reports_go_through_the_script(stand):
    device = stand.device(scripted_product(stand, encrypted=True))
    device.authenticate()
    client = device.login(subscribe=["model/hex/report_ack", "model/hex_ack"])
    for payload in (seal(device.session_key, PROPERTIES), seal(device.session_key, f'"{PROPERTIES}"'),
                    aes_ecb_encrypt(device.session_key, bytes.fromhex(PROPERTIES)).hex().upper()):
        ack = device.send(client, "model/hex/report", payload, header_ctrl=18)
        assert ack["Payload"]["Code"] == "200", (payload, ack)
    client.publish(device.topic("model/hex"), PROPERTIES)
    assert json.loads(client.next(device.topic("model/hex_ack")).payload)["Payload"]["Code"] == "200"
    values = [h["value"] for h in stand.service.items(f"/devices/{device.name}/history/prop_int16")]
    assert values == [-3841] * 4, values
    ack = device.send(client, "model/hex/report", PROPERTIES, header_ctrl=18)
    assert ack["Payload"]["Code"] == "4001", ack  # plain hex looks like a ciphertext that does not open


run(hex_1_encrypted_reports_go_through_the_script)
