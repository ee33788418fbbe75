#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""UP-1: an uplink is stored as it came and acked, at QoS 0 and 1 with MQTT 3.1.1 and 5, at QoS 2 with 3.1.1 (LIMIT-6), each once and in
order."""
from stand import run
from stand.mqtt_client import MQTT5, MQTT311
from stand.device import frame


def up_1_uplink_is_stored_and_acked(stand):
    device = stand.device()
    number = 0
    for version in (MQTT311, MQTT5):
        client = device.login(version=version, subscribe=["uplink_ack"])
        for qos in (0, 1, 2) if version == MQTT311 else (0, 1):
            for payload in ({"deviceId": "10000001", "power": 99}, [1, [2, [3]]], "text", 1.25, None, "设备"):
                number += 1
                ack = device.send_raw(client, "uplink", frame(4, payload, number), number, qos=qos)
                assert ack["Payload"]["Code"] == "200"
        client.disconnect()
    newest_first = device.messages()
    assert [m["message_id"] for m in newest_first] == list(range(number, 0, -1))
    for message in newest_first:
        assert message["topic"] == device.topic("uplink") and message["header_ctrl"] == 4, message
        assert message["code"] == "200" and message["requirement"] is None and not message["encrypted"], message
    assert newest_first[-1]["payload"] == {"deviceId": "10000001", "power": 99}


run(up_1_uplink_is_stored_and_acked)
