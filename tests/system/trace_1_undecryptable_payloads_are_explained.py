#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1, ENC-1: of a Payload that does not open the operator is told which usual mistake made it; the device hears
one sentence for all of them."""
import base64

from stand import run
from stand.crypto import aes_cbc_encrypt, aes_ecb_encrypt, aes_ecb_raw
from stand.device import compact
from stand.hex_product import PROPERTIES, scripted_product
from stand.waiting import wait_until


def hexed(data):
    return data.hex().upper()


def plain_and_encrypted_are_told_apart(stand, device, client):
    ack = device.send(client, "uplink", {"power": 99}, 1000)["Payload"]
    assert ack["Code"] == "4001"
    plain = stand.device(stand.product(kind="transparent"))
    plain_client = plain.login(subscribe=["uplink_ack"])
    text = compact({"power": 99, "name": "meter", "volts": 230}).encode()
    sealed = hexed(aes_ecb_encrypt(bytes.fromhex(plain.device_secret), text))
    assert plain.send(plain_client, "uplink", sealed, 2)["Payload"]["Code"] == "200"
    assert plain.send(plain_client, "uplink", text.decode(), 3)["Payload"]["Code"] == "200"
    assert plain.send(plain_client, "uplink", "AB" * 32, 4)["Payload"]["Code"] == "200"
    by_id = {m["message_id"]: m for m in plain.messages()}
    assert "declared plain" in by_id[2]["note"] and by_id[2]["warning"], by_id[2]
    assert "encoded twice" in by_id[3]["note"] and by_id[3]["warning"], by_id[3]
    assert not by_id[4]["warning"], "hex of its own is no mistake"
    hexes = stand.device(scripted_product(stand))
    hex_client = hexes.login(subscribe=["model/hex/report_ack"])
    sealed = hexed(aes_ecb_encrypt(bytes.fromhex(hexes.product.product_key), PROPERTIES.encode()))
    hexes.send(hex_client, "model/hex/report", sealed, 5, header_ctrl=18)
    message = next(m for m in hexes.messages() if m["message_id"] == 5)
    assert "declared plain" in (message["explanation"] or message["note"]), message
    by_id = {m["message_id"]: m for m in device.messages()}
    assert "Payload came plain" in by_id[1000]["explanation"], by_id[1000]


def trace_1_undecryptable_payloads_are_explained(stand):
    product = stand.product(encrypted=True)
    device = stand.device(product)
    device.authenticate()
    old_key = device.session_key
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
    reply = device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    key, session_id, nonce = device.session_key, reply["SessionID"], reply["Nonce"]
    good = device.seal({"power": 99, "name": "meter"})
    assert device.send(client, "uplink", good)["Payload"]["Code"] == "200", "the old key is dead from here on"
    text = compact({"power": 99, "name": "meter", "volts": 230}).encode()
    product_key, secret = bytes.fromhex(product.product_key), bytes.fromhex(device.device_secret)

    def derived(seed):
        return aes_ecb_encrypt(product_key, seed.encode())[:16]

    mistakes = {  # what was done: (Payload, words of the explanation)
        "ProductKey as key": (hexed(aes_ecb_encrypt(product_key, text)), "the ProductKey itself"),
        "DeviceSecret as key": (hexed(aes_ecb_encrypt(secret, text)), "the DeviceSecret itself"),
        "old session key": (hexed(aes_ecb_encrypt(old_key, text)), "an old session key"),
        "key as text": (hexed(aes_ecb_encrypt(key.hex().upper().encode(), text)), "the session key's characters"),
        "nonce in decimal": (hexed(aes_ecb_encrypt(derived(f"{session_id}{nonce}"), text)), "in decimal"),
        "nonce of another width": (hexed(aes_ecb_encrypt(derived(f"{session_id}{nonce:04x}"), text)), "another width"),
        "CBC": (hexed(aes_cbc_encrypt(key, text)), "CBC"),
        "zero padding": (hexed(aes_ecb_raw(key, text + bytes(-len(text) % 16))), "padded with zeros"),
        "no padding": (hexed(aes_ecb_raw(key, b'{"power":99,"volts":230,"amp":1}')), "not padded at all"),
        "Base64": (base64.b64encode(aes_ecb_encrypt(key, text)).decode(), "Base64"),
        "0x": ("0x" + good, "0x stands in front"),
        "newline": (good[:32] + "\n" + good[32:], "line breaks"),
        "cut off": (good[:-7], "cut off after"),
        "not hex": ("G" + good[1:], "place 1 is not a hex digit"),
        "plain text": (text.decode(), "plain JSON text"),
        "no JSON": (hexed(aes_ecb_encrypt(key, b"power=99")), "the session key is right"),
        "GBK": (hexed(aes_ecb_encrypt(key, '{"name":"电表一号"}'.encode("gbk"))), "GBK"),
        "a NUL": (hexed(aes_ecb_encrypt(key, text + b"\0")), "a NUL stands at the text's end"),
        "no usual one": (hexed(aes_ecb_encrypt(bytes(range(16)), text)), "no usual mistake"),
    }
    told = set()
    for number, (payload, _) in enumerate(mistakes.values(), 100):
        ack = device.send(client, "uplink", payload, number)["Payload"]
        assert ack["Code"] == "4001"
        told.add(ack["Msg"])
    assert len(told) == 1, "the device learns nothing from the answer"

    def stored():
        found = {m["message_id"]: m for m in device.messages(limit=100)}
        return found if 100 + len(mistakes) - 1 in found else None
    messages = wait_until(stored, "the refused messages on record")
    for number, (what, (_, words)) in enumerate(mistakes.items(), 100):
        explanation = messages[number]["explanation"]
        assert explanation and words in explanation, (what, explanation)
        for hidden in (product.product_key, device.device_secret, key.hex(), old_key.hex()):
            assert hidden.upper() not in explanation.upper(), what
    shown = stand.xgate("messages", device.name, "--limit", "50").stdout
    assert "Base64" in " ".join(shown.split()), shown
    plain_and_encrypted_are_told_apart(stand, device, client)


run(trace_1_undecryptable_payloads_are_explained)
