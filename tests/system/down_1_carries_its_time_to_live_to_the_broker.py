#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: a command goes to the broker with what is left of its time to live as Message Expiry Interval, as a device that
speaks MQTT 5 is shown: a second less than what is left, for the broker counts from the second that it is in and sends in the
last one too; also of one that has waited for its device. What has less than two seconds left goes at QoS 0: it comes now or
never."""
import datetime

from stand import run
from stand.commands import queue, shown
from stand.mqtt_client import MQTT5


def check(device, client, command):
    message = client.next(device.topic("downlink"), lambda m: str(command["message_id"]).encode() in m.payload)
    sent = shown(device, command)
    expires_at, sent_at = (datetime.datetime.fromisoformat(sent[name].replace("Z", "+00:00"))
                           for name in ("expires_at", "sent_at"))
    left = (expires_at - sent_at).total_seconds()
    # the broker takes off what it waited there
    assert left - 10 < message.properties.MessageExpiryInterval <= left - 1, (message.properties, sent)


def down_1_carries_its_time_to_live_to_the_broker(stand):
    device = stand.device()
    waited = queue(device, "down", data=1, ttl_s=60)
    client = device.login(subscribe=["downlink"], version=MQTT5)
    check(device, client, waited)
    for ttl_s in (30, 3600, 31622400):
        check(device, client, queue(device, "down", data=1, ttl_s=ttl_s))
    for ttl_s, qos in ((1, 0), (30, 1)):
        command = queue(device, "down", data=1, ttl_s=ttl_s)
        message = client.next(device.topic("downlink"), lambda m, sought=command: str(sought["message_id"]).encode() in m.payload)
        assert message.qos == qos, (command, message.qos)


run(down_1_carries_its_time_to_live_to_the_broker)
