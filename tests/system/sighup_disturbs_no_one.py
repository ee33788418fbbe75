#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP makes the broker check every live login again: nobody is disconnected, type-1 logins included, whatever
their timestamps have become; and one AUTH- login and the service stay too."""
import time

from stand import run
from stand.waiting import wait_until


def sighup_disturbs_no_one(stand):
    product = stand.product()
    clients = [stand.device(product).login(type=n % 2, timestamp=1700000000 + n) for n in range(20)]
    asker = stand.device(product).auth_client().connect()
    ahead = stand.device(product).login(type=1, timestamp=int(time.time()) + 30)
    reborn = stand.device(product)  # was offline after the timestamp that it is logged in with
    reborn.login().disconnect()
    wait_until(lambda: reborn.shown()["state"] == "offline", "offline")
    reborn_client = reborn.login(type=1, timestamp=int(time.time()) + 5)
    device = stand.device(product)
    client = device.login(subscribe=["uplink_ack"])

    for _time in range(3):
        reloads = stand.broker.process.log().count("Reloading config")
        stand.broker.reload()
        wait_until(lambda: stand.broker.process.log().count("Reloading config") > reloads, "the reload")
        assert device.send(client, "uplink", {"after": "SIGHUP"})["Payload"]["Code"] == "200"
    everyone = clients + [asker, ahead, reborn_client, client]
    assert not [c.client_id for c in everyone if c.closed()]
    online = stand.database.sql("SELECT count(*) FROM presence JOIN device USING (device_id) "
                                f"WHERE online AND product_id = '{product.product_id}'")
    assert online == [[str(len(everyone) - 1)]], online


run(sighup_disturbs_no_one)
