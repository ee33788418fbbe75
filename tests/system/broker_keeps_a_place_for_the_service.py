#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where devices take all connections that their listener of the broker has, the service still comes, by the one of its own
(render-mosquitto-conf --service-port)."""
from stand import run
from stand.ports import take_port
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until

PLACES = 3
SERVICE_PORT = take_port()


def broker_keeps_a_place_for_the_service(stand):
    stand.service.stop()
    held = []

    def all_taken():
        held.append(RawClient(stand.broker.port))
        return "denied: max_connections exceeded" in stand.broker.process.log()
    wait_until(all_taken, "no place to be left", every=0.1)  # Mosquitto 2.0.11 forgets one for each that comes and goes
    stand.service.start()
    assert stand.service.request("GET", "/readyz", token=None).status == 200
    for client in held:
        client.close()


run(broker_keeps_a_place_for_the_service, broker_options=("--max-connections", str(PLACES), "--service-port", str(SERVICE_PORT)),
    settings=f"[broker]\nport = {SERVICE_PORT}\n")
