#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: the service, held up by the database, hears of two new lives of the broker at once. Who came in the second is
online; who was only there in the first is not."""
import subprocess

from stand import run
from stand.waiting import wait_until


def presence_holds_over_two_lives_of_the_broker_at_once(stand):
    product = stand.product()
    first, stays, gone = (stand.device(product) for _n in range(3))
    first.login(subscribe=["uplink_ack"]).disconnect()
    wait_until(lambda: first.shown()["activated_at"], "the first life to be known")
    locker = subprocess.Popen(
        ["psql", "-X", "-q", stand.database.admin_conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        locker.stdin.write("BEGIN; LOCK TABLE presence IN EXCLUSIVE MODE;\n\\echo locked\n")  # to be read, not written
        locker.stdin.flush()
        assert locker.stdout.readline() == "locked\n"
        first.login()
        wait_until(lambda: stand.database.sql(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'presence'::regclass") != [["0"]],
            "the events worker to wait for the table")
        for there in (gone, stays):
            stand.broker.restart()
            wait_until(stand.service.ready, "the service at the broker")
            events = stand.operator("$xgate/v1/events")
            client = there.login(subscribe=["uplink_ack"])
            events.next("$xgate/v1/events", lambda m, n=there.node_eui: f'"{n}"' in m.payload.decode())
            # it comes behind the event, on the same connection of the service's
            assert there.send(client, "uplink", {"n": 1})["Payload"]["Code"] == "200"
        locker.stdin.write("COMMIT;\n")
        locker.stdin.close()
        wait_until(lambda: stays.shown()["online"] and not gone.shown()["online"], "presence as it is")
    finally:
        locker.kill()
        locker.wait()


run(presence_holds_over_two_lives_of_the_broker_at_once)
