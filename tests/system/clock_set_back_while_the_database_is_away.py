#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service's clock is set back by an hour while the database is away: when it is back, so is the service, at once and
not an hour later. The clock is libfaketime's; the machine's stays as it is."""
from stand import run
from stand.clock import Clock
from stand.waiting import wait_until


def clock_set_back_while_the_database_is_away(stand):
    assert Clock.possible(), "the package libfaketime is not installed"
    device = stand.device()
    stand.service.clock = Clock(stand.folder, "service")
    stand.service.clock.set(0)
    stand.service.restart()
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", {"n": 1})["Payload"]["Code"] == "200"
    stand.cluster.stop()
    client.publish(device.topic("uplink"), '{"MessageId": 77, "HeaderCtrl": 4, "Payload": {"n": 2}, "Version": "2.0"}')
    for part in ("messages-", "commands"):
        wait_until(lambda: any(part in line and "the database is away" in line
                               for line in stand.service.process.log().splitlines()), f"{part} to be told to wait")
    stand.service.clock.set(-3600)
    stand.cluster.start()
    assert device.ack(client, "uplink", 77)["Payload"]["Code"] == "200"
    assert device.send(client, "uplink", {"n": 3})["Payload"]["Code"] == "200"
    stand.service.wait_ready()


run(clock_set_back_while_the_database_is_away, database="own")
