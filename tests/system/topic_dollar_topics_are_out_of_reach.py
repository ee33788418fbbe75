#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""$SYS, $xgate and $CONTROL are out of reach for devices, for both logins, to read and to write; and a forged command
there changes nothing."""
import json

from stand import run
from stand.mqtt_client import MQTT5


def topic_dollar_topics_are_out_of_reach(stand):
    product = stand.product(auth_type=0)
    device, victim = stand.device(product), stand.device(product)
    device.authenticate()
    victim.authenticate()
    victims_client = victim.login(subscribe=["uplink_ack"])
    watcher = stand.operator("$xgate/#")
    kick = json.dumps({"kick": {"open_id": product.open_id, "product_id": product.product_id,
                                "node_eui": victim.node_eui}})
    for client in (device.login(version=MQTT5), device.auth_client(version=MQTT5).connect()):
        for filter_ in ("$SYS/#", "$SYS/broker/version", "$xgate/#", "$xgate/v1/events", "$CONTROL/#",
                        "$CONTROL/xgate/v1", "$CONTROL/dynamic-security/v1/response", "$xgate/+/events"):
            assert client.subscribe(filter_)[0] >= 128, filter_
        for topic in ("$xgate/v1/events", "$xgate/forged", "$CONTROL/xgate/v1", "$CONTROL/dynamic-security/v1",
                      "$SYS/broker/version"):
            client.publish(topic, kick)
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", {})["Payload"]["Code"] == "200"
    assert not [m for m in watcher.unclaimed() if m[1].decode() == kick]
    assert victim.send(victims_client, "uplink", {})["Payload"]["Code"] == "200"


run(topic_dollar_topics_are_out_of_reach)
