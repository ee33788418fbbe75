#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: events that are lost altogether (the service's stored session is gone) are made good by a count of the live
sessions."""
from stand import run
from stand.broker import SERVICE_PASSWORD, SERVICE_USER
from stand.mqtt_client import Client
from stand.waiting import wait_until


def presence_heals_after_a_lost_event_queue(stand):
    product = stand.product()
    stays, goes, comes = (stand.device(product) for _n in range(3))
    clients = {device: device.login() for device in (stays, goes)}
    wait_until(lambda: stays.shown()["online"] and goes.shown()["online"], "both online")
    stand.service.stop()
    clients[goes].drop()
    clients[comes] = comes.login()
    # somebody takes the service's client ids with a clean start, and with them what waited
    for name in ("xgate-local-uplinks", "xgate-local-auth"):
        Client(stand.broker.port, name, SERVICE_USER, SERVICE_PASSWORD).connect().disconnect()
    stand.service.start()
    wait_until(lambda: stays.shown()["online"] and comes.shown()["online"] and not goes.shown()["online"],
               "presence as it is")


run(presence_heals_after_a_lost_event_queue)
