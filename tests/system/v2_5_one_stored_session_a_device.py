#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: whatever its timestamp says, a device has one stored session: its subscriptions are there at its next login under
another client id. What the broker would have stored in between is not."""
from stand import run
from stand.device import frame
from stand.mqtt_client import MQTT5, MQTT311


def v2_5_one_stored_session_a_device(stand):
    platform = stand.operator()
    for version, options in ((MQTT311, {"clean": False}), (MQTT5, {"clean": False, "session_expiry": 3600})):
        device = stand.device()
        first = device.login(timestamp=10, version=version, **options)
        assert not first.session_present
        first.must_subscribe(device.topic("downlink"))
        first.disconnect()
        platform.publish(device.topic("downlink"), frame(7, {"data": "while it was away"}))
        second = device.login(timestamp=20, version=version, **options)
        assert second.session_present, "the session was not found under another timestamp"
        bodies = [frame(7, {"data": str(number)}) for number in range(3)]
        for body in bodies:
            platform.publish(device.topic("downlink"), body)
        assert [second.next(device.topic("downlink")).payload.decode() for _ in bodies] == bodies
        assert second.unclaimed() == []
        second.disconnect()
        third = device.login(timestamp=30, version=version)  # clean
        assert not third.session_present
        third.disconnect()
        fourth = device.login(timestamp=10, version=version, **options)
        assert not fourth.session_present, "an older stored session survived a clean start"
        fourth.disconnect()


run(v2_5_one_stored_session_a_device)
