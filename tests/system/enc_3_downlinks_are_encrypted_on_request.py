#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-3: a downlink is encrypted where the application asks for it, with the key that the device uses; acks are plain. A plain
product's device cannot be told anything encrypted."""
from stand import crypto, run
from stand.commands import acknowledge, in_state, queue, receive


def enc_3_downlinks_are_encrypted_on_request(stand):
    for reading in ("text", "bytes"):
        device = stand.device(stand.product(encrypted=True))
        device.reading = reading
        queue(device, "down", data={"early": True}, encrypt=True)
        device.authenticate()
        client = device.login(subscribe=["downlink", "uplink_ack"])
        if reading == "text":  # before the device has said anything, the key is the one it has just got
            body = receive(device, client, "downlink")
            assert body["Payload"] == device.seal({"early": True}), body
        assert device.send(client, "uplink", device.seal({"hello": 1}))["Payload"]["Code"] == "200"
        command = queue(device, "down", data="秘密", encrypt=True)
        assert command["encrypt"] is True
        body = receive(device, client, "downlink", lambda b: b["MessageId"] == command["message_id"])
        assert body["Payload"] == device.seal({"data": "秘密"}), (reading, body)
        acknowledge(device, client, "downlink_ack", body["MessageId"])
        in_state(device, command, "done")
        plain = queue(device, "down", data="open")
        assert receive(device, client, "downlink", lambda b: b["MessageId"] == plain["message_id"])["Payload"] == \
            {"data": "open"}
        acknowledge(device, client, "downlink_ack", plain["message_id"])
        in_state(device, plain, "done")

        # somebody with the ProductKey asks for a key meanwhile: the device does not use that one
        own = device.session_key
        stranger = device.auth_client().connect()
        stranger.must_subscribe(device.topic("downlink"))
        device.ask(stranger, device.auth_request())
        stranger.disconnect()
        command = queue(device, "down", data=1, encrypt=True)
        body = receive(device, client, "downlink", lambda b: b["MessageId"] == command["message_id"])
        assert body["Payload"] == crypto.seal(own, '{"data":1}'), body
    problem = queue(stand.device(), "down", expect=422, data=1, encrypt=True)
    assert problem["errors"][0]["pointer"] == "/encrypt", problem


run(enc_3_downlinks_are_encrypted_on_request)
