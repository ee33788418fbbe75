#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Database, broker and service started in every order: each waits for what it needs, and in the end a new device goes
the whole way without a hand."""
import itertools

from stand import run
from stand.waiting import wait_until


def every_start_order_heals(stand):
    product = stand.product(auth_type=0)
    starts = {"database": stand.cluster.start, "broker": stand.broker.start,
              "service": lambda: stand.service.start(wait_ready=False)}
    for order in itertools.permutations(starts):
        stand.service.stop()
        stand.broker.stop()
        stand.cluster.stop()
        for name in order:
            starts[name]()
            if name == "service":
                wait_until(lambda: _alive(stand), "livez answers", 30)
        stand.service.wait_ready(60)
        device = stand.device(product)
        assert device.authenticate()["Code"] == 0, order
        client = device.login(subscribe=["uplink_ack", "update_time_ack"])
        assert device.send(client, "uplink", {"order": order})["Payload"]["Code"] == "200", order
        assert device.send(client, "update_time", "")["Payload"]["Code"] == "200", order
        wait_until(lambda: device.shown()["online"], "the device online")
        client.disconnect()


def _alive(stand):
    try:
        return stand.service.request("GET", "/livez", token=None).status == 200
    except OSError:
        return False


run(every_start_order_heals, database="own")
