#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: devices that come and go while the service is down, or while the database is away, are shown as they are once
it is back."""
from stand import run
from stand.waiting import wait_until


def presence_heals_what_was_lost(stand):
    product = stand.product()
    stays, goes, comes = (stand.device(product) for _n in range(3))
    clients = {device: device.login() for device in (stays, goes)}
    wait_until(lambda: stays.shown()["online"] and goes.shown()["online"], "both online")
    for away, back in ((stand.service.kill, stand.service.start),
                       (lambda: stand.service.stop(), stand.service.start)):
        away()
        clients[goes].drop()
        clients[comes] = comes.login()
        back()
        wait_until(lambda: stays.shown()["online"] and comes.shown()["online"] and not goes.shown()["online"],
                   "presence as it is")
        clients[comes].disconnect()
        clients[goes] = goes.login()
        wait_until(lambda: goes.shown()["online"] and not comes.shown()["online"], "presence follows")
    assert not clients[stays].closed()


run(presence_heals_what_was_lost)
