#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-6: what a device of MQTT 3.1.1 publishes at QoS 2 is handled like what it publishes at QoS 1; one of MQTT 5 is told in its
PUBREC, and on record."""
from stand import run
from stand.device import frame
from stand.mqtt_client import MQTT5


def limit_6_qos_2_is_taken_at_qos_1(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    client.publish(device.topic("uplink"), frame(4, {"a": 1}, 77), qos=2)
    assert client.next(device.topic("uplink_ack"))
    assert [row["code"] for row in device.messages()] == ["200"]
    client.disconnect()

    modern = stand.device()
    client = modern.login(version=MQTT5, subscribe=["uplink_ack"])
    client.publish(modern.topic("uplink"), frame(4, {"a": 1}), qos=2, wait=False)
    assert "QoS 0 or 1" in stand.refused("LIMIT-6", what="publish", node_eui=modern.node_eui)["reason"]
    assert modern.send(client, "uplink", {"a": 1})["Payload"]["Code"] == "200"


run(limit_6_qos_2_is_taken_at_qos_1)
