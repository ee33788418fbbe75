#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: a new session key goes at QoS 1 also in a session of MQTT 5 that may be short of places at the broker. Where no place
is left, as for a device that takes one message at a time, the next try comes at QoS 0: it waits for no place, and is used."""
import json

from stand import run
from stand.commands import in_state
from stand.mqtt_client import MQTT5
from stand.stored_session import lose_link_at
from stand.waiting import wait_until

EXPIRE = "UPDATE session_key SET expires_at = now() - interval '1 second'"


def told(stand, places):
    """Command 3 in a session whose stored message the plugin has refused; how it came, and its Command."""
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    stand.database.sql(EXPIRE)
    options = {"version": MQTT5, "clean": False, "session_expiry": 3600, "receive_maximum": places}
    client = device.client(**options).connect()
    lose_link_at(client, device.topic("downlink"), lambda: client.paho.subscribe(device.topic("downlink"), 1))
    stand.database.sql(EXPIRE)
    client = device.client(**options).connect()
    client.must_subscribe(device.topic("uplink_ack"))
    message = client.next(device.topic("downlink"), lambda m: json.loads(m.payload)["HeaderCtrl"] == 3, timeout=30)
    key = json.loads(message.payload)["Payload"]
    device.use_session(key["SessionID"], key["Nonce"])
    assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
    newest = wait_until(lambda: stand.service.items(f"/devices/{device.name}/commands"), "the update")[0]
    return message.qos, in_state(device, newest, "done")


def key_1_a_new_key_goes_at_qos_1_first(stand):
    qos, update = told(stand, places=20)
    assert (qos, update["tries"]) == (1, 1), (qos, update)
    qos, update = told(stand, places=1)
    assert (qos, update["tries"]) == (0, 2), (qos, update)


run(key_1_a_new_key_goes_at_qos_1_first, settings="[keys]\ntries = 3\nretry_s = [4, 4, 4]\n")
