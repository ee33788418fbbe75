#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TIME-1: update_time is answered with the time in ms and the zone; the Payload "" is plain also for an encrypted
product; the zone is a setting."""
import time

from stand import run


def time_1_device_gets_the_time(stand):
    for encrypted in (False, True):
        device = stand.device(stand.product(encrypted=encrypted))
        client = device.login(subscribe=["update_time_ack"])
        for payload in ("", {}, None):
            before = time.time_ns() // 1_000_000
            ack = device.send(client, "update_time", payload, 1231)
            after = time.time_ns() // 1_000_000
            data = ack["Payload"]["Data"]
            assert before - 1 <= data["timestamp"] <= after + 1, (before, data, after)
            assert data == {"timestamp": data["timestamp"], "timezone": "Europe/Berlin"}, data
            assert ack["Payload"] == {"Code": "200", "Msg": "SUCCESS", "Data": data}, ack
            assert (ack["MessageId"], ack["HeaderCtrl"], ack["Version"]) == (1231, 29, "2.0"), ack


run(time_1_device_gets_the_time, settings='[time]\nzone = "Europe/Berlin"\n')
