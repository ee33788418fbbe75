#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-2, TRACE-1: a password made in any other way is refused, and the operator is told which usual mistake
reproduces it."""
import hashlib

from stand import run
from stand.crypto import aes_cbc_encrypt, aes_ecb_encrypt, aes_ecb_raw
from stand.raw_mqtt import RawClient


def v2_2_usual_mistakes_are_refused_and_explained(stand):
    device = stand.device()
    p, n, product_key = device.product.product_id, device.node_eui, device.product.product_key
    secret = bytes.fromhex(device.device_secret)
    text, stamp = f"{p}.{n}_{product_key}", "1675404867"

    def hexed(data):
        return data.hex().upper()

    zeros = text.encode() + bytes(-len(text) % 16)
    mistakes = {  # what was done: (password, type, a word of the explanation)
        "lower case": (hexed(aes_ecb_encrypt(secret, text.encode())).lower(), 0, "case"),
        "ProductKey as the key": (hexed(aes_ecb_encrypt(bytes.fromhex(product_key), text.encode())), 0, "ProductKey"),
        "key taken as text": (hexed(aes_ecb_encrypt(device.device_secret[:16].encode(), text.encode())), 0, "characters"),
        "timestamp with type 0": (hexed(aes_ecb_encrypt(secret, f"{text}_{stamp}".encode())), 0, "imestamp"),
        "no timestamp with type 1": (hexed(aes_ecb_encrypt(secret, text.encode())), 1, "imestamp"),
        "no underscore": (hexed(aes_ecb_encrypt(secret, text.replace("_", "").encode())), 0, "_"),
        "CBC": (hexed(aes_cbc_encrypt(secret, text.encode())), 0, "CBC"),
        "zero padding": (hexed(aes_ecb_raw(secret, zeros)), 0, "padd"),
        "timestamp before the key": (
            hexed(aes_ecb_encrypt(secret, f"{p}.{n}_{stamp}_{product_key}".encode())), 1, "before the ProductKey"),
        "hex of the text": (hexed(aes_ecb_encrypt(secret, text.encode().hex().upper().encode())), 0, "into hex first"),
        "V2_ in the text": (hexed(aes_ecb_encrypt(secret, f"V2_{text}".encode())), 0, "V2_ stands in the text"),
        "sizeof": (hexed(aes_ecb_encrypt(secret, text.encode() + b"\0")), 0, "a NUL stands"),
        "newline in the text": (hexed(aes_ecb_encrypt(secret, text.encode() + b"\n")), 0, "a line break stands"),
        "half the secret's characters": (
            hexed(aes_ecb_encrypt(device.device_secret.lower()[:16].encode(), text.encode())), 0, "the first 16"),
        "another timestamp": (hexed(aes_ecb_encrypt(secret, f"{text}_1675400000".encode())), 1, "1675400000"),
        "the DeviceSecret itself": (device.device_secret, 0, "DeviceSecret"),
        "the ProductKey itself": (product_key, 0, "ProductKey"),
        "no usual mistake": (hashlib.sha256(b"guess").hexdigest().upper(), 0, None),
        "nothing": ("", 0, "empty"),
    }
    for number, (what, (password, login_type, word)) in enumerate(mistakes.items(), 100):
        if len(password) > 8:
            stand.keep_secret(password, f"password made with: {what}")
        raw = RawClient(stand.broker.port)
        client_id = f"V2_{device.name}_{login_type}_{stamp}"
        if what not in ("timestamp with type 0", "timestamp before the key"):
            client_id += str(number)
        assert raw.login(client_id, device.v2_credentials()[1], password) == 5, what
        raw.close()
        refusal = stand.refused("V2-2", client_id=client_id, node_eui=n)
        if word is None:
            assert not refusal["explanation"], (what, refusal)
        else:
            assert refusal["explanation"] and word.lower() in refusal["explanation"].lower(), (what, refusal)
    assert device.raw_login()[0] == 0


# so many wrong ones of one device would have to wait (V2-6)
run(v2_2_usual_mistakes_are_refused_and_explained, broker_options=["--login-longest-backoff", "0"])
