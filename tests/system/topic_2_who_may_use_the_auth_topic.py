#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-2: a V2_ login may ask on /sys/device/auth where its product is encrypted or of type 2, and not otherwise; it
is answered on its downlink."""
from stand import run
from stand.device import AUTH_TOPIC
from stand.mqtt_client import MQTT5


def topic_2_who_may_use_the_auth_topic(stand):
    watcher = stand.operator(AUTH_TOPIC)
    for auth_type, encrypted, allowed in [(0, False, False), (1, False, False), (2, False, True), (0, True, True),
                                          (1, True, True), (2, True, True)]:
        device = stand.device(stand.product(auth_type=auth_type, encrypted=encrypted))
        if auth_type == 0:
            device.authenticate()
            watcher.next(AUTH_TOPIC)
        client = device.login(version=MQTT5, subscribe=["downlink"])
        request = device.auth_request()
        if allowed:
            reply = device.ask(client, request)
            assert reply["Payload"]["Code"] == 0, reply
            assert dict(watcher.next(AUTH_TOPIC).properties.UserProperty)["xgate-login"] == "v2"
        else:
            client.publish(AUTH_TOPIC, request)
            stand.refused("TOPIC-2", "publish", topic=AUTH_TOPIC, node_eui=device.node_eui)
        assert client.subscribe(AUTH_TOPIC)[0] >= 128
    assert watcher.unclaimed() == []


run(topic_2_who_may_use_the_auth_topic)
