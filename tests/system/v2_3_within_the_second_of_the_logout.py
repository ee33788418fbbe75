#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: a type-1 login within the very second in which the last session ended is refused, and the reason says just that;
`xgate simulate`, run again and again, does not run into it."""
import time

from stand import run
from stand.waiting import wait_until


def v2_3_within_the_second_of_the_logout(stand):
    device, simulated = stand.device(), stand.device()

    def refused_at_once():
        wait_until(lambda: time.time() % 1 < 0.3, "the beginning of a second")
        now = int(time.time())
        first, raw = device.raw_login(type=0)
        raw.close()
        offline = wait_until(lambda: device.shown()["state"] == "offline", "the device offline")
        again = device.raw_login(type=1, timestamp=now)[0]
        return (first, again) == (0, 5) and offline and device.shown()["offline_at"].startswith(
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))) and now
    now = wait_until(refused_at_once, "a login within the second of the logout", timeout=60)
    told = stand.refused("V2-3", client_id=f"V2_{device.name}_1_{now}")
    assert "of the very second in which the device's last session ended" in told["reason"], told

    for _again in range(4):
        stand.xgate("simulate", simulated.name, "--port", str(stand.broker.port), "--count", "1", "--login-type", "1")
    assert stand.service.items("/refusals", limit=200, product_id=simulated.product.product_id,
                               node_eui=simulated.node_eui) == []


run(v2_3_within_the_second_of_the_logout)
