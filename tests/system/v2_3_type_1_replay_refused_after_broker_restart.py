#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: what a type-1 login was accepted with is remembered across a restart of the broker."""
import time

from stand import run
from stand.waiting import wait_until


def v2_3_type_1_replay_refused_after_broker_restart(stand):
    device = stand.device()
    used = int(time.time()) + 20  # inside the allowance, and later than the offline time that follows
    code, raw = device.raw_login(type=1, timestamp=used)
    assert code == 0
    raw.close()
    wait_until(lambda: device.shown()["state"] == "offline", "the device offline")
    for end in (stand.broker.stop, stand.broker.kill):
        end()
        stand.broker.start()
        assert device.raw_login(type=1, timestamp=used)[0] == 5
    assert device.raw_login(type=1, timestamp=used + 5)[0] == 0


run(v2_3_type_1_replay_refused_after_broker_restart)
