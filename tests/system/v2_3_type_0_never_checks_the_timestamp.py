#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: type 0 logs in with any decimal timestamp, again and again."""
import time

from stand import run


def v2_3_type_0_never_checks_the_timestamp(stand):
    device = stand.device()
    future = int(time.time()) + 10 * 365 * 86400
    for timestamp in (1675404867, future, 0, 1, 1675404867, future):
        code, raw = device.raw_login(timestamp=timestamp)
        assert code == 0, timestamp
        raw.close()


run(v2_3_type_0_never_checks_the_timestamp)
