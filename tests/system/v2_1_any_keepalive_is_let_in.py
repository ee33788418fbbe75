#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-1: a device's keepalive is its own affair: none, and a long one, get in. A long one stays, whatever second it sends in:
Mosquitto 2.0.21 ended connections whose keepalive was the longest that was configured."""
import time

from stand import run
from stand.waiting import wait_until

LONG_S = 7200


def v2_1_any_keepalive_is_let_in(stand):
    for keepalive in (0, LONG_S + 1, 65535):
        code, _raw = stand.device().raw_login(keepalive=keepalive)
        assert code == 0, (keepalive, code)
    talker = stand.device()
    code, raw = talker.raw_login(keepalive=LONG_S)
    assert code == 0, code
    seconds = set()

    def several_began():
        seconds.add(int(time.time()))
        raw.publish(talker.topic("uplink"), '{"MessageId":1,"HeaderCtrl":4,"Payload":{},"Version":"2.0"}')
        return len(seconds) > 4
    wait_until(several_began, "some seconds to begin", every=0.003)
    assert talker.shown()["online"] and "exceeded timeout" not in stand.broker.process.log()


run(v2_1_any_keepalive_is_let_in)
