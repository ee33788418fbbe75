#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL is killed with -9 under load and starts again: what was acked is stored, what is stored was sent, and every
uplink is acked in the end."""
import json
import threading

from stand import run
from stand.device import frame

SENT = 3000


def database_killed_loses_nothing_acked(stand):
    devices = [stand.device() for _n in range(5)]
    acked, done, started = set(), threading.Event(), threading.Event()

    def on_message(message):
        acked.add(json.loads(message.payload)["MessageId"])
        if len(acked) > 100:
            started.set()
        if len(acked) == SENT:
            done.set()

    clients = [device.login(subscribe=["uplink_ack"]) for device in devices]
    for client in clients:
        client.on_message = on_message
    for number in range(SENT):
        which = number % len(devices)
        clients[which].publish(devices[which].topic("uplink"), frame(4, {"n": number}, number), wait=False)
        if number == SENT // 2:
            assert started.wait(60)
            stand.cluster.kill()
            before = set(acked)
            stand.cluster.start()
    stored = {int(row[0]) for row in stand.database.sql("SELECT message_id FROM message WHERE code = '200'")}
    assert before <= stored, f"acked and lost: {sorted(before - stored)[:10]}"
    assert done.wait(90), f"{SENT - len(acked)} never acked"
    rows = [int(row[0]) for row in stand.database.sql("SELECT message_id FROM message WHERE code = '200'")]
    assert set(rows) == set(range(SENT))
    twice = stand.database.sql("SELECT count(*) FROM (SELECT message_id FROM message WHERE NOT redelivered "
                               "GROUP BY message_id HAVING count(*) > 1) AS twice")
    assert twice == [["0"]], twice


run(database_killed_loses_nothing_acked, database="own", log_level="info")
