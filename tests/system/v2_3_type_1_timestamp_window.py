#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: a type-1 timestamp is not later than now (with the clock-skew allowance), later than the last offline time,
and later than the last accepted one; a device that was never offline has no lower bound."""
import time

from stand import run
from stand.waiting import wait_until


def v2_3_type_1_timestamp_window(stand):
    device = stand.device()
    now = int(time.time())

    def login(timestamp):
        return device.raw_login(type=1, timestamp=timestamp)

    assert login(now + 600)[0] == 5, "ten minutes ahead, with an allowance of one"
    stand.refused("V2-3", client_id=f"V2_{device.name}_1_{now + 600}")

    code, first = login(1000)
    assert code == 0, "never offline: no lower bound"
    assert login(1000)[0] == 5, "a captured login replayed against a device that is online"
    assert login(999)[0] == 5
    stand.refused("V2-3", client_id=f"V2_{device.name}_1_999")
    code, second = login(now - 3000)
    assert code == 0
    first.close()
    second.close()

    offline_at = wait_until(lambda: device.shown()["offline_at"], "the device offline")
    wait_until(lambda: not device.shown()["online"], "the device offline")
    assert offline_at
    assert login(now - 2000)[0] == 5, "before the last offline time, though newer than the last accepted"
    assert login(now - 1)[0] == 5
    code, third = login(int(time.time()) + 30)
    assert code == 0, "within the allowance"
    third.close()
    assert device.raw_login(type=0)[0] == 0, "type 0 is not held up by it"


run(v2_3_type_1_timestamp_window)
