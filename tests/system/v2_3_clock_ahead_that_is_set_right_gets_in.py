#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: a device whose clock is ahead, within the allowance, logs in with type 1, takes the platform's time and logs in with
that: it gets in, after a restart of the broker too. Who replays any of its logins does not."""
import time

from stand import run
from stand.waiting import wait_until


def v2_3_clock_ahead_that_is_set_right_gets_in(stand):
    device = stand.device()
    accepted, stored = [], []

    def login(timestamp):
        code, raw = device.raw_login(type=1, timestamp=timestamp)
        raw.close()
        return code

    def ends():
        """The last login is stored, and its end: the state alone may still be that of before it."""
        def is_over():
            shown = device.shown()
            return shown["state"] == "offline" and shown["online_at"] not in stored and shown["online_at"]
        stored.append(wait_until(is_over, "the device offline"))

    def gets_in_with_the_time():
        # a right clock: the first second after that in which its last session ended
        wait_until(lambda: int(time.time()) > began[0], "the next second")
        began[0] = int(time.time())
        assert login(began[0]) == 0, f"{began[0] - accepted[0]} s beside the clock that was ahead"
        accepted.append(began[0])
        ends()
        began[0] = int(time.time())
    ahead = int(time.time()) + 50
    assert login(ahead) == 0
    accepted.append(ahead)
    ends()
    began = [int(time.time())]
    gets_in_with_the_time()
    gets_in_with_the_time()
    for end in (stand.broker.stop, stand.broker.kill):
        end()
        stand.broker.start()
        for timestamp in accepted:
            assert login(timestamp) == 5, f"a replay of {timestamp - ahead} s"
        gets_in_with_the_time()
    told = stand.refused("V2-3", client_id=f"V2_{device.name}_1_{ahead}")
    assert "was used by an earlier login" in told["reason"], told


run(v2_3_clock_ahead_that_is_set_right_gets_in, broker_options=["--login-longest-backoff", "0"])
