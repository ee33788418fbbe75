#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The broker restarts while the database is away: devices log in from the copy on disk, which is readable by its owner
alone; a damaged copy is not believed; what changes once the database is back is followed."""
import stat

from stand import run
from stand.waiting import wait_until


def database_away_broker_starts_from_its_copy(stand):
    product = stand.product(auth_type=1)
    device, disabled = stand.device(product), stand.device(product)
    stand.act(disabled, "disable")
    device.login().disconnect()
    cache = stand.broker.cache_file
    wait_until(lambda: cache.exists() and device.node_eui.encode() in cache.read_bytes(), "the copy on disk")
    stand.broker.stop()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600, oct(cache.stat().st_mode)
    stand.cluster.stop()
    stand.broker.start()

    def code_of(anybody):
        code, raw = anybody.raw_login()
        raw.close()
        return code
    assert code_of(device) == 0
    assert code_of(disabled) == 5

    stand.broker.kill()
    good = cache.read_bytes()
    for damage in (good[:len(good) // 2], good[:-40] + bytes(40), b"", good.replace(device.node_eui.encode(), b"X" * 8, 1)):
        cache.write_bytes(damage)
        stand.broker.start()
        assert code_of(device) == 5, "a damaged copy was believed"
        stand.broker.kill()
    stand.broker.start()
    stand.cluster.start()
    wait_until(lambda: code_of(device) == 0, "the device known again")
    stand.service.wait_ready(60)
    stand.act(disabled, "enable")
    wait_until(lambda: code_of(disabled) == 0, "changes followed again")


run(database_away_broker_starts_from_its_copy, database="own")
