#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: an update whose new key is too old before it was sent `tries` times is expired, not failed, and the reason tells
whether the device did not listen or did not use it; the next login starts anew; a reset of the device cancels it."""
from stand import run
from stand.commands import in_state, receive
from stand.waiting import wait_until


def key_1_update_expires_with_its_key(stand):
    product = stand.product(encrypted=True)
    deaf, silent = stand.device(product), stand.device(product)

    def updates(device):
        return [c for c in stand.service.items(f"/devices/{device.name}/commands") if c["kind"] == "key_update"]

    def update(device, subscribe):
        stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second' WHERE device_id = "
                           f"(SELECT device_id FROM device WHERE node_eui = '{device.node_eui}')")
        client = device.login(subscribe=subscribe)
        return client, wait_until(lambda: [c for c in updates(device) if c["settled_at"] is None], "its update")[0]

    for device in (deaf, silent):
        device.authenticate()
    _, queued = update(deaf, ["uplink_ack"])
    client, sent = update(silent, ["downlink", "uplink_ack"])
    receive(silent, client, "downlink")
    in_state(silent, sent, "sent")
    stand.database.sql("UPDATE command SET expires_at = now() WHERE settled_at IS NULL")
    ended = in_state(deaf, queued, "expired")
    assert ended["tries"] == 0 and "did not subscribe" in ended["reason"], ended
    ended = in_state(silent, sent, "expired")
    assert ended["tries"] == 1 and ended["reason"] == "the device did not answer in time", ended
    assert silent.send(client, "uplink", silent.seal({"key": "old"}))["Payload"]["Code"] == "200", "the old key goes on"

    client.drop()
    client, anew = update(silent, ["downlink", "uplink_ack"])
    receive(silent, client, "downlink")
    stand.service.api("POST", f"/devices/{silent.name}/reset")
    ended = in_state(silent, anew, "cancelled")
    assert ended["reason"] == "the device was reset", ended
    assert len(updates(silent)) == 2, updates(silent)


run(key_1_update_expires_with_its_key, settings="[keys]\ntries = 3\nretry_s = [600, 600, 600]\n")
