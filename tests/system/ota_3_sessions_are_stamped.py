#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: what a device says on firmware_report and ota_notify_ack is stamped with its session, "epoch/number", as the broker
told of its login; what the device sends under that name is removed."""
import re

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from stand import run
from stand.device import frame
from stand.mqtt_client import MQTT5


def ota_3_sessions_are_stamped(stand):
    device = stand.device()
    watcher = stand.operator(device.topic("#"))
    stamps = []
    for timestamp in (1700000000, 1700000001):
        client = device.login(timestamp=timestamp, version=MQTT5)
        forged = Properties(PacketTypes.PUBLISH)
        forged.UserProperty = [("xgate-session", "forged/1"), ("colour", "green")]
        for suffix, header_ctrl in (("firmware_report", 8), ("ota_notify_ack", 9)):
            client.publish(device.topic(suffix), frame(header_ctrl, {}), properties=forged)
            stamp = watcher.next(device.topic(suffix)).properties.UserProperty
            assert len(stamp) == 1 and stamp[0][0] == "xgate-session", stamp
            assert re.fullmatch(r"[0-9A-F]{32}/[0-9]+", stamp[0][1]), stamp
            stamps.append(stamp[0][1])
        client.publish(device.topic("uplink"), frame(4, {}), properties=forged)
        assert dict(watcher.next(device.topic("uplink")).properties.UserProperty)["colour"] == "green"
    assert stamps[0] == stamps[1] != stamps[2] == stamps[3], stamps

    # a will brings the number of the session that it was left in
    dying = device.login(timestamp=1700000002, will=(device.topic("ota_notify_ack"), frame(9, {})))
    client = device.login(timestamp=1700000003)
    stamp = watcher.next(device.topic("ota_notify_ack")).properties.UserProperty
    assert len(stamp) == 1 and re.fullmatch(r"[0-9A-F]{32}/[0-9]+", stamp[0][1]) and stamp[0][1] not in stamps, stamp
    dying.wait_closed()
    assert client.unclaimed() == []


run(ota_3_sessions_are_stamped)
