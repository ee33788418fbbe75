#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-3: types 0 and 1 ask for their secret, type 2 may; each plain and encrypted, with MQTT 3.1.1 and 5."""
from stand import run
from stand.mqtt_client import MQTT5, MQTT311


def auth_3_every_type_may_authenticate(stand):
    for auth_type in (0, 1, 2):
        for encrypted in (False, True):
            device = stand.device(stand.product(auth_type=auth_type, encrypted=encrypted))
            for version in (MQTT311, MQTT5):
                client = device.auth_client(version=version).connect()
                client.must_subscribe(device.topic("downlink"))
                reply = device.ask(client, device.auth_request())["Payload"]
                assert reply["Code"] == 0, (auth_type, encrypted, version, reply)
                assert ("SessionID" in reply, "Nonce" in reply) == (encrypted, encrypted), reply
                client.disconnect()


run(auth_3_every_type_may_authenticate)
