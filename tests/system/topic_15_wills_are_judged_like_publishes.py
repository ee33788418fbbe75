#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-15: a last will obeys the rules of publishes: on a topic of the publish column it is sent, unretained, and
handled; on any other it never appears."""
from stand import run
from stand.device import AUTH_TOPIC, frame
from stand.waiting import wait_until


def topic_15_wills_are_judged_like_publishes(stand):
    device, other = stand.device(), stand.device()
    watcher = stand.operator("/sys/#", "$xgate/forged")
    for topic in (other.topic("uplink"), device.topic("downlink"), AUTH_TOPIC, "$xgate/forged", "$CONTROL/xgate/v1",
                  "home/lamp", device.topic("model/property/set")):
        client = device.client(will=(topic, b"bad will"))
        try:
            client.connect()
            client.drop()
        except AssertionError:
            pass  # refusing the login for it is as good

    body = frame(4, {"lost": "power"}, message_id=4711)
    client = device.client(will=(device.topic("uplink"), body, True)).connect()
    client.drop()
    will = watcher.next(where=lambda m: m.payload in (b"bad will", body.encode()))
    assert (will.topic, will.payload) == (device.topic("uplink"), body.encode()), "a bad will was sent"
    assert not will.retain
    wait_until(lambda: [m for m in device.messages() if m["message_id"] == 4711], "the will stored")
    latecomer = stand.operator("/sys/#")
    device.login().publish(device.topic("uplink"), b"after")
    assert latecomer.next(where=lambda m: m.topic == device.topic("uplink")).payload == b"after", "kept as retained"


run(topic_15_wills_are_judged_like_publishes)
