#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: a command that is larger than the Maximum Packet Size of an MQTT 5 device, which the broker drops without a word,
fails with that reason; one that fits is sent, and a device that named no size gets both."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.mqtt_client import MQTT5


def down_1_too_large_for_its_mqtt_5_device_fails(stand):
    small, encrypted = stand.device(), stand.device(stand.product(auth_type=1, encrypted=True))
    encrypted.authenticate()
    clients = {device: device.login(subscribe=["downlink"], version=MQTT5, maximum_packet_size=300)
               for device in (small, encrypted)}
    for device, client in clients.items():
        waiting = queue(device, "down", data={"fits": 1})
        number = receive(device, client, "downlink", lambda body: body["Payload"] == {"fits": 1})["MessageId"]
        alike = [queue(device, "down", data="x" * 300, encrypt=device is encrypted) for _ in range(3)]
        for dropped in alike:
            failed = in_state(device, dropped, "failed")
            assert "Maximum Packet Size" in failed["reason"] and " bytes" in failed["reason"], failed
        assert shown(device, waiting)["state"] == "sent", "the other one did arrive"
        acknowledge(device, client, "downlink_ack", number)
        in_state(device, waiting, "done")
        assert client.unclaimed() == []
    roomy = stand.device()
    client = roomy.login(subscribe=["downlink"], version=MQTT5)
    queue(roomy, "down", data="x" * 300)
    assert receive(roomy, client, "downlink")["Payload"] == {"data": "x" * 300}


run(down_1_too_large_for_its_mqtt_5_device_fails)
