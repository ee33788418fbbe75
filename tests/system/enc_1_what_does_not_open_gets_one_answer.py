#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-1, FRAME-5: odd hex, wrong length, bad padding, a wrong key and cleartext that is no JSON are all answered 4001
with one and the same Msg, so that nothing can be learnt from it, and the record names the requirement."""
from stand import run
from stand.crypto import aes_ecb_raw, seal


def enc_1_what_does_not_open_gets_one_answer(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    good = device.seal({"a": 1})
    bad_padding = aes_ecb_raw(device.session_key, b'{"a":1}' + b"\x00" * 9).hex().upper()
    bodies = {"odd hex": good[:-1], "half a block": good[:16], "no hex": "Z" + good[1:], "empty": "",
              "bad padding": bad_padding, "padding of 17": aes_ecb_raw(device.session_key, b"\x11" * 16).hex().upper(),
              "a wrong key": seal(bytes(16), '{"a":1}'), "no JSON inside": seal(device.session_key, "hello"),
              "with 0x": "0x" + good, "with spaces": " ".join(good), "a block missing": device.seal("x" * 40)[32:],
              "invalid UTF-8 inside": aes_ecb_raw(device.session_key, b'"\xff\xfe"' + b"\x0c" * 12).hex().upper(),
              "half a megabyte of hex": "AB" * 100000}
    answers = {}
    for number, (what, text) in enumerate(bodies.items()):
        ack = device.send(client, "uplink", text, number)["Payload"]
        assert ack["Code"] == "4001", what
        answers[what] = ack["Msg"]
    assert len(set(answers.values())) == 1, answers
    stored = [m for m in device.messages() if m["topic"] == device.topic("uplink")]
    assert len(stored) == len(bodies)
    assert all(m["code"] == "4001" and m["requirement"].startswith("ENC-") and m["payload"] is None for m in stored), stored
    assert device.send(client, "uplink", good)["Payload"]["Code"] == "200", "the key is as good as before"


run(enc_1_what_does_not_open_gets_one_answer)
