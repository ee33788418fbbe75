#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-5: in an encrypted hex report what is encrypted is the hex text; raw bytes are recognised as well; both are
stored as the hex."""
from stand import run
from stand.crypto import aes_ecb_encrypt, seal

FRAME_HEX = "00f0ff013FA00000"


def enc_5_hex_payloads_as_text_and_as_bytes(stand):
    device = stand.device(stand.product(encrypted=True, kind="hex"))
    device.authenticate()
    client = device.login(subscribe=["model/hex/report_ack"])
    texts = [seal(device.session_key, FRAME_HEX), seal(device.session_key, f'"{FRAME_HEX}"'),
             aes_ecb_encrypt(device.session_key, bytes.fromhex(FRAME_HEX)).hex().upper()]
    for number, text in enumerate(texts):
        ack = device.send(client, "model/hex/report", text, number, header_ctrl=18)
        assert ack["HeaderCtrl"] == 18, ack
    stored = {m["message_id"]: m for m in device.messages()}
    for number in range(len(texts)):
        assert stored[number]["encrypted"] and stored[number]["payload"].upper() == FRAME_HEX.upper(), stored[number]


run(enc_5_hex_payloads_as_text_and_as_bytes)
