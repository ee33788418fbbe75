#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The database stands still without breaking a connection: /readyz and the API say so, auth is answered Code 1, and
when it goes on everything heals and what was sent meanwhile is stored."""
from stand import run
from stand.device import frame
from stand.waiting import wait_until


def database_hangs_and_everybody_is_told(stand):
    product = stand.product(auth_type=0)
    device, newcomer = stand.device(product), stand.device(product)
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    asker = newcomer.auth_client().connect().must_subscribe(newcomer.topic("downlink"))
    assert newcomer.ask(asker, newcomer.auth_request())["Payload"]["Code"] == 0

    stand.cluster.freeze()
    try:
        assert newcomer.ask(asker, newcomer.auth_request())["Payload"] == {"Code": 1}, "asked of a database that hangs"
        client.publish(device.topic("uplink"), frame(4, {"n": 1}, 1), wait=False)
        refused = stand.service.request("GET", "/api/v1/vendors")
        assert refused.status == 503, refused
        wait_until(lambda: not stand.service.ready(), "readyz to tell")
        told = stand.xgate("vendor", "list", ok=False)
        assert told.returncode == 1 and "database" in told.stderr, told
        assert not client.unclaimed(), "acked what cannot be stored"
    finally:
        stand.cluster.thaw()
    assert device.ack(client, "uplink", 1, timeout=60)["Payload"]["Code"] == "200"
    wait_until(stand.service.ready, "ready again")
    assert stand.service.request("GET", "/api/v1/vendors").status == 200


run(database_hangs_and_everybody_is_told, database="own")
