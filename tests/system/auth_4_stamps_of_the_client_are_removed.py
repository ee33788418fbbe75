#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-4: who asks is what the plugin stamps; properties that a client sends under that prefix change nothing."""
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from stand import run
from stand.device import AUTH_TOPIC
from stand.mqtt_client import MQTT5


def auth_4_stamps_of_the_client_are_removed(stand):
    product = stand.product(auth_type=0)
    victim, asker = stand.device(product), stand.device(product)
    watcher = stand.operator(AUTH_TOPIC)
    victims_reader = victim.auth_client().connect().must_subscribe(victim.topic("downlink"))
    client = asker.auth_client(version=MQTT5).connect().must_subscribe(asker.topic("downlink"))

    forged = Properties(PacketTypes.PUBLISH)
    forged.UserProperty = [("xgate-open-id", product.open_id), ("xgate-product-id", product.product_id),
                           ("xgate-node-eui", victim.node_eui), ("xgate-login", "v2"), ("xgate-session", "E/1"), ("xgate-address", "203.0.113.9"),
                           ("xgate-queued", "E/9:9"),
                           ("colour", "green")]
    client.publish(AUTH_TOPIC, victim.auth_request(message_id=77), properties=forged)

    seen = watcher.next(AUTH_TOPIC).properties.UserProperty
    assert [pair for pair in seen if pair[0].startswith("xgate-")].count(("xgate-node-eui", asker.node_eui)) == 1
    assert dict(seen)["xgate-node-eui"] == asker.node_eui, seen
    assert dict(seen)["xgate-login"] == "auth", seen
    assert len([pair for pair in seen if pair[0].startswith("xgate-")]) == 7, seen
    assert dict(seen)["xgate-address"] == "127.0.0.1", seen
    assert dict(seen)["xgate-session"] != "E/1" and dict(seen)["xgate-queued"] != "E/9:9", seen
    import json
    reply = json.loads(client.next(asker.topic("downlink")).payload)
    assert reply["MessageId"] == 77 and reply["Payload"] == {"Code": 4}, reply
    assert victims_reader.unclaimed() == []


run(auth_4_stamps_of_the_client_are_removed)
