#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-4: an encrypted product's plain Payload is refused with 4001, and accepted where the product's accept_plaintext
says so; encrypted ones go on either way."""
from stand import run


def enc_4_plain_payload_is_refused_unless_accepted(stand):
    product = stand.product(encrypted=True)
    device = stand.device(product)
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    for payload in ({"a": 1}, [], 5, None, "plain text"):
        ack = device.send(client, "uplink", payload)["Payload"]
        assert ack["Code"] == "4001" and ack["Msg"], (payload, ack)
    told = [m["requirement"] for m in device.messages() if m["topic"] == device.topic("uplink")]
    assert set(told) <= {"ENC-4", "ENC-1"} and told.count("ENC-4") >= 4, told

    relaxed = stand.product(encrypted=True, accept_plaintext=True)
    device = stand.device(relaxed)
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    for payload in ({"a": 1}, [], 5, None, "plain text"):
        assert device.send(client, "uplink", payload)["Payload"]["Code"] == "200", payload
    assert device.send(client, "uplink", device.seal({"b": 2}))["Payload"]["Code"] == "200"
    newest = device.messages()[0]
    assert newest["payload"] == {"b": 2} and newest["encrypted"], newest


run(enc_4_plain_payload_is_refused_unless_accepted)
