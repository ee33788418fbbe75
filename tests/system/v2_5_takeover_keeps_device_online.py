#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: a second connection of a device, under another timestamp and so another client id, takes over the first, and
leaves the device online; twenty times over, with MQTT 3.1.1 and 5."""
from stand import run
from stand.mqtt_client import MQTT5, MQTT311
from stand.waiting import wait_until


def v2_5_takeover_keeps_device_online(stand):
    device, witness = stand.device(), stand.device()
    live = device.login(timestamp=1)
    wait_until(lambda: device.shown()["online"], "the device online")
    for number in range(2, 22):
        version = MQTT5 if number % 3 else MQTT311
        newer = device.login(type=number % 2, timestamp=1700000000 + number, version=version)
        live.wait_closed()
        live = newer
    # a device that logs in and goes afterwards shows that all before was heard
    witness.login().disconnect()
    wait_until(lambda: witness.shown()["state"] == "offline", "the witness heard")
    shown = device.shown()
    assert (shown["state"], shown["online"]) == ("online", True), shown
    live.must_subscribe(device.topic("uplink_ack"))
    assert device.send(live, "uplink", {"still": "here"})["Payload"]["Code"] == "200"

    online = stand.database.sql("SELECT node_eui FROM presence JOIN device USING (device_id) WHERE online")
    assert online == [[device.node_eui]], online
    live.disconnect()
    wait_until(lambda: device.shown()["state"] == "offline", "the device offline at last")


run(v2_5_takeover_keeps_device_online, broker_options=["--logins-per-minute", "6000"])
