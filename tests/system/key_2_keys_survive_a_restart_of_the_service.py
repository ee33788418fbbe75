#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-2: session keys, the reading learnt and the update that is due outlive a restart of the service."""
import json

from stand import run


def key_2_keys_survive_a_restart_of_the_service(stand):
    device = stand.device(stand.product(encrypted=True))
    device.reading, device.key_material = "bytes", "device_secret"
    device.authenticate()
    client = device.login(subscribe=["uplink_ack", "downlink"])
    assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
    stand.service.kill()
    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")
    stand.service.start()
    body = json.loads(client.next(device.topic("downlink"), timeout=30).payload)
    assert body["HeaderCtrl"] == 3, "a connected device gets the key past the expiry"
    assert device.send(client, "uplink", device.seal({"n": 2}))["Payload"]["Code"] == "200", "old key, until then"
    device.use_session(body["Payload"]["SessionID"], body["Payload"]["Nonce"])
    assert device.send(client, "uplink", device.seal({"n": 3}))["Payload"]["Code"] == "200"


run(key_2_keys_survive_a_restart_of_the_service)
