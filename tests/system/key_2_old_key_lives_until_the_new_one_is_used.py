#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-2: the old key is accepted until the first message that opens with the new one; after it the old key is dead."""
import json

from stand import run


def key_2_old_key_lives_until_the_new_one_is_used(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    old = device.session_key
    client = device.login(subscribe=["uplink_ack", "downlink"])

    def send_with(key):
        device.session_key = key
        return device.send(client, "uplink", device.seal({"t": 1}))["Payload"]["Code"]

    assert send_with(old) == "200"
    reply = device.ask(client, device.auth_request())["Payload"]  # a new key, on the V2_ login
    new = device.derive(reply["SessionID"], reply["Nonce"])
    stand.keep_secret(new.hex(), "SessionKey")
    assert [send_with(old), send_with(old), send_with(new), send_with(old), send_with(new)] == \
        ["200", "200", "200", "4001", "200"]

    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")
    client.disconnect()
    client = device.login(subscribe=["uplink_ack", "downlink"])
    body = json.loads(client.next(device.topic("downlink")).payload)
    assert body["HeaderCtrl"] == 3
    newest = device.derive(body["Payload"]["SessionID"], body["Payload"]["Nonce"])
    stand.keep_secret(newest.hex(), "SessionKey")
    assert [send_with(new), send_with(newest), send_with(new), send_with(old)] == ["200", "200", "4001", "4001"]


run(key_2_old_key_lives_until_the_new_one_is_used)
