#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-2: an AUTH- login publishes /sys/device/auth and subscribes its own downlink, and nothing else."""
from stand import run
from stand.device import AUTH_TOPIC, PUBLISH, SUBSCRIBE
from stand.mqtt_client import MQTT5


def auth_2_login_may_only_ask(stand):
    product = stand.product(auth_type=0)
    device, other = stand.device(product), stand.device(product)
    watcher = stand.operator("/sys/#")
    client = device.auth_client(version=MQTT5).connect()

    assert client.subscribe(device.topic("downlink")) == [1]
    forbidden = [device.topic(suffix) for suffix in SUBSCRIBE if suffix != "downlink"]
    forbidden += [device.topic("+"), device.topic("#"), "#", "+/#", "/sys/#", AUTH_TOPIC, "$SYS/#",
                  "$xgate/v1/events", "$CONTROL/xgate/v1", other.topic("downlink"),
                  f"/sys/{product.open_id}/{product.product_id}/+/downlink",
                  f"/sys/+/+/{device.node_eui}/downlink", f"$share/g/{device.topic('downlink')}"]
    granted = {filter_: client.subscribe(filter_)[0] for filter_ in forbidden}
    assert all(code >= 128 for code in granted.values()), granted
    stand.refused("AUTH-2", "subscribe", topic=device.topic("uplink_ack"))

    client.disconnect()
    client = device.auth_client(version=MQTT5).connect()
    for suffix in list(PUBLISH) + list(SUBSCRIBE):
        client.publish(device.topic(suffix), b"{}")
    client.publish("$CONTROL/xgate/v1", b"{}")
    client.publish(other.topic("uplink"), b"{}")
    client.publish(AUTH_TOPIC, device.auth_request())
    first = watcher.next()
    assert first.topic == AUTH_TOPIC, f"{first.topic} got through"
    stand.refused("AUTH-2", "publish", topic=device.topic("uplink"))


run(auth_2_login_may_only_ask)
