#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-1…14: a device may subscribe exactly the topics of its subscribe column, T/+, and + in the place of an event
or service identifier; nothing else, and not `#`."""
from stand import run
from stand.device import AUTH_TOPIC, PUBLISH, SUBSCRIBE
from stand.mqtt_client import MQTT5, MQTT311


def topic_device_subscribes_its_column(stand):
    device = stand.device()
    allowed = [device.topic(suffix) for suffix in
               list(SUBSCRIBE) + ["+", "model/event/+/report_ack", "model/service/+"]]
    forbidden = [device.topic(suffix) for suffix in
                 list(PUBLISH) + ["#", "model/#", "model/+", "+/+", "model/+/report_ack", "model/+/+",
                                  "model/event/+/+", "model/event/+", "model/event/#", "model/service/#",
                                  "model/service/+/ack", "nothing", "downlink/#", ""]]
    forbidden += ["#", "+", "+/#", "/#", "/sys/#", "/+/#", "/sys/+/+/+/downlink", device.root, AUTH_TOPIC,
                  device.root.replace(device.node_eui, "+") + "/downlink",
                  device.topic("downlink").replace(device.product.product_id, "+"),
                  device.topic("downlink").replace(device.product.open_id, "+"), "home/lamp", "sys/#"]
    for version in (MQTT311, MQTT5):
        client = device.login(version=version)
        granted = {filter_: client.subscribe(filter_)[0] for filter_ in allowed}
        assert set(granted.values()) == {1}, granted
        granted = {filter_: client.subscribe(filter_)[0] for filter_ in forbidden}
        assert all(code >= 128 for code in granted.values()), granted
        # one refusal in a packet costs the others nothing
        assert [c < 128 for c in client.subscribe(allowed[0], forbidden[0], allowed[1])] == [True, False, True]
        client.disconnect()
    stand.refused("TOPIC-3", "subscribe", topic=device.topic("uplink"))


run(topic_device_subscribes_its_column)
