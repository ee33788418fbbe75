#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The broker stops, and is killed, under the service: the service reconnects by itself, devices that were online are
offline, and uplinks are handled again."""
from stand import run
from stand.waiting import wait_until


def broker_restarted_under_the_service(stand):
    product = stand.product(auth_type=0)
    device, gone = stand.device(product), stand.device(product)
    for anyone in (device, gone):
        anyone.authenticate()
    for end in (stand.broker.stop, stand.broker.kill):
        stay = [anyone.login() for anyone in (device, gone)]
        wait_until(lambda: device.shown()["online"] and gone.shown()["online"], "both online")
        end()
        for client in stay:
            client.wait_closed()
        wait_until(lambda: not stand.service.ready(), "readyz to tell")
        stand.broker.start()
        wait_until(stand.service.ready, "the service ready again")
        client = device.login(subscribe=["uplink_ack"])
        assert device.send(client, "uplink", {"after": "restart"})["Payload"]["Code"] == "200"
        wait_until(lambda: device.shown()["online"] and not gone.shown()["online"], "presence healed")
        assert gone.shown()["offline_at"]
        assert device.authenticate()["Code"] == 0
        client.disconnect()


run(broker_restarted_under_the_service)
