#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Section 4: $share filters are taken apart; a device may not use them, not even on its own topics."""
from stand import run
from stand.mqtt_client import MQTT5, MQTT311


def topic_shared_subscriptions_are_refused(stand):
    device, other = stand.device(), stand.device()
    platform = stand.operator()
    for version in (MQTT311, MQTT5):
        client = device.login(version=version)
        for filter_ in (f"$share/group/{device.topic('downlink')}", f"$share/group/{device.topic('+')}",
                        f"$share/group/{other.topic('downlink')}", "$share/group/#", "$share/group//sys/#",
                        "$share/a/$xgate/v1/events"):
            assert client.subscribe(filter_)[0] >= 128, filter_
        client.must_subscribe(device.topic("downlink"))
        platform.publish(other.topic("downlink"), b"another's")
        platform.publish(device.topic("downlink"), b"its own")
        assert client.next().payload == b"its own"
        client.disconnect()
    stand.refused("TOPIC", "subscribe", topic=f"$share/group/{device.topic('downlink')}")


run(topic_shared_subscriptions_are_refused)
