# SPDX-License-Identifier: Apache-2.0
"""The device's side of the protocol's ciphers, written from the requirements alone, so that the
platform is judged by a second implementation."""
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def aes_ecb_encrypt(key, plain):
    """AES-128-ECB-PKCS5."""
    pad = 16 - len(plain) % 16
    return aes_ecb_raw(key, plain + bytes([pad]) * pad)


def aes_ecb_raw(key, blocks):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def aes_cbc_encrypt(key, plain):
    pad = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()


def v2_password(device_secret, product_id, node_eui, product_key, timestamp=None):
    """V2-2: type 0 without a timestamp, type 1 with it."""
    text = f"{product_id}.{node_eui}_{product_key}"
    if timestamp is not None:
        text += f"_{timestamp}"
    return aes_ecb_encrypt(bytes.fromhex(device_secret), text.encode()).hex().upper()


def session_key(session_id, nonce, key, reading="text"):
    """ENC-2: `key` is the ProductKey (or, in another reading, the DeviceSecret) in hex."""
    joined = session_id + format(nonce, "x")
    data = joined.encode() if reading == "text" else bytes.fromhex(joined)
    return aes_ecb_encrypt(bytes.fromhex(key), data)[:16]


def seal(key, text):
    """ENC-1: the Payload on the wire."""
    return aes_ecb_encrypt(key, text.encode()).hex().upper()
