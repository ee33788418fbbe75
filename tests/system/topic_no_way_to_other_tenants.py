#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Section 4: a device reaches no other device: of its product, of another product, of another vendor, or one whose
name begins with its own."""
from stand import run
from stand.device import PUBLISH, SUBSCRIBE
from stand.mqtt_client import MQTT5


def topic_no_way_to_other_tenants(stand):
    product = stand.product()
    device = stand.device(product, node_eui="Meter1")
    others = [stand.device(product, node_eui="Meter12"), stand.device(product, node_eui="meter1"),
              stand.device(stand.product()), stand.device(stand.product(open_id=stand.vendor()), node_eui="Meter1")]
    watcher = stand.operator("/sys/#")
    for other in others:  # a login each, for only the first refusals of a login are told one by one
        client = device.login(version=MQTT5)
        client.publish(other.topic("uplink"), b"intruder")
        refusal = stand.refused("TOPIC-3", "publish", topic=other.topic("uplink"), node_eui=device.node_eui)
        assert "in the topic is" in refusal["explanation"], refusal
    listeners = {other: other.login(subscribe=["+"]) for other in others}
    for other in others:
        for suffix in SUBSCRIBE:
            assert client.subscribe(other.topic(suffix))[0] >= 128
        assert client.subscribe(other.topic("+"))[0] >= 128
        for suffix in PUBLISH | SUBSCRIBE:
            client.publish(other.topic(suffix), b"intruder")
    client.publish(device.topic("uplink"), b"its own")
    assert watcher.next(where=lambda m: m.payload in (b"intruder", b"its own")).topic == device.topic("uplink")
    for other, listener in listeners.items():
        assert listener.unclaimed() == []
        assert not [m for m in other.messages() if m["raw"] == "intruder"]


run(topic_no_way_to_other_tenants)
