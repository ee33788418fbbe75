#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: an update that is open is cancelled where a newer key takes its place (the device authenticates again, its key
expires once more) and where the device is reset; the device is told the newest key only."""
from stand import run
from stand.commands import in_state, receive
from stand.waiting import wait_until


def key_1_newer_key_cancels_the_update(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()

    def expire():
        stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")

    def updates():
        return stand.service.items(f"/devices/{device.name}/commands")

    # the device authenticates again
    expire()
    client = device.login(subscribe=["uplink_ack"])
    first = wait_until(updates, "the update of the login")[0]
    client.disconnect()
    device.authenticate()
    ended = in_state(device, first, "cancelled")
    assert "newer session key" in ended["reason"] and ended["tries"] == 0, ended
    client = device.login(subscribe=["uplink_ack", "downlink"])
    assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
    assert [c["command_id"] for c in updates()] == [first["command_id"]], "the key is a good one"

    # told, and expired again before it was used
    expire()
    told = receive(device, client, "downlink")
    expire()
    newest = receive(device, client, "downlink", lambda b: b["MessageId"] != told["MessageId"])
    third, second = updates()[:2]
    assert in_state(device, second, "cancelled")["tries"] >= 1
    device.use_session(newest["Payload"]["SessionID"], newest["Payload"]["Nonce"])
    assert device.send(client, "uplink", device.seal({"n": 2}))["Payload"]["Code"] == "200"
    in_state(device, third, "done")

    # the device is reset
    expire()
    receive(device, client, "downlink", lambda b: b["MessageId"] not in (told["MessageId"], newest["MessageId"]))
    fourth = updates()[0]
    stand.act(device, "reset")
    ended = in_state(device, fourth, "cancelled")
    assert ended["reason"] == "the device was reset", ended
    states = [(c["state"], c["kind"]) for c in updates()]
    assert states == [("cancelled", "key_update"), ("done", "key_update"), ("cancelled", "key_update"),
                      ("cancelled", "key_update")], states


run(key_1_newer_key_cancels_the_update)
