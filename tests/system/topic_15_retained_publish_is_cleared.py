#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-15: a retained publish is accepted with the flag cleared: it is handled, and nothing is kept that would come
again at every reconnect."""
from stand import run
from stand.device import PUBLISH, frame


def topic_15_retained_publish_is_cleared(stand):
    device = stand.device()
    watcher = stand.operator("/sys/#")
    client = device.login(subscribe=["uplink_ack"])
    for qos in (0, 1, 2):
        body = frame(4, {"qos": qos}, message_id=700 + qos)
        client.publish(device.topic("uplink"), body, qos=qos, retain=True)
        assert not watcher.next(device.topic("uplink")).retain
        assert device.ack(client, "uplink", 700 + qos)["Payload"]["Code"] == "200"
    for suffix in PUBLISH:
        client.publish(device.topic(suffix), b"{}", retain=True)
    latecomer = stand.operator("/sys/#")
    client.publish(device.topic("uplink"), b"after")
    assert latecomer.next(where=lambda m: not m.topic.endswith("_ack")).payload == b"after"


run(topic_15_retained_publish_is_cleared)
