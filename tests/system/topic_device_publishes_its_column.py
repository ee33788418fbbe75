#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-3…14: a device may publish exactly the topics of its publish column under its own T: each gets through,
everything else is refused, the topics of its subscribe column included."""
from stand import run
from stand.device import PUBLISH, SUBSCRIBE
from stand.mqtt_client import MQTT5, MQTT311


def topic_device_publishes_its_column(stand):
    device = stand.device()
    watcher = stand.operator("/sys/#")
    forbidden = list(SUBSCRIBE) + [
        "", "nothing", "uplink/", "uplink/x", "UPLINK", "model", "model/", "model/hex/", "model/event/report",
        "model/event//report", "model/event/a/b/report", "model/service//ack", "model/service/a/b/ack",
        "model/event/" + "e" * 65 + "/report", "model/event/热/report", "model/event/a b/report"]
    forbidden = [device.topic(suffix) for suffix in forbidden]
    forbidden += [device.root, "/" + device.topic("uplink"), device.topic("uplink")[1:],
                  device.topic("uplink").replace("/sys/", "/SYS/"), "uplink", "/sys", "/", "home/lamp"]
    for version in (MQTT311, MQTT5):
        client = device.login(version=version)
        for topic in forbidden:
            client.publish(topic, b"forbidden")
        for suffix in PUBLISH:
            client.publish(device.topic(suffix), b"allowed")
        through = [watcher.next(where=lambda m: m.payload in (b"allowed", b"forbidden")).topic for _row in PUBLISH]
        assert sorted(through) == sorted(device.topic(suffix) for suffix in PUBLISH)
        client.disconnect()
    assert not [m for m in watcher.unclaimed() if m[1] == b"forbidden"]
    stand.refused("TOPIC-7", "publish", topic=device.topic("ota_notify"))


run(topic_device_publishes_its_column)
