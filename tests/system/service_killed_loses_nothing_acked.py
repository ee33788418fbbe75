#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service is killed with -9 under load, three times: acked is a part of stored, stored is a part of sent, and what
the broker holds is stored and acked by the next."""
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until

ROUNDS, EACH = 3, 1500


def service_killed_loses_nothing_acked(stand):
    devices = [stand.device() for _n in range(5)]
    acked = set()

    def on_message(message):
        acked.add(json.loads(message.payload)["MessageId"])

    clients = [device.login(subscribe=["uplink_ack"]) for device in devices]
    for client in clients:
        client.on_message = on_message
    sent = 0
    for round_ in range(ROUNDS):
        goal = len(acked) + EACH // 4
        for _n in range(EACH):
            which = sent % len(devices)
            clients[which].publish(devices[which].topic("uplink"), frame(4, {"n": sent}, sent), wait=False)
            sent += 1
        wait_until(lambda: len(acked) >= goal, "some of the round acked", 60, every=0.001)
        stand.service.kill()
        # what was acked before the kill may still be on its way here: the broker's own echo ends it
        for device, client in zip(devices, clients):
            client.must_subscribe(device.topic("ota_notify"))
        seen = set(acked)
        stored = {int(row[0]) for row in stand.database.sql("SELECT message_id FROM message WHERE code = '200'")}
        assert seen <= stored, f"round {round_}: acked and not stored: {sorted(seen - stored)[:10]}"
        stand.service.start()

    def all_stored():
        count = stand.database.sql("SELECT count(DISTINCT message_id) FROM message WHERE code = '200'")
        return int(count[0][0]) == sent
    wait_until(all_stored, f"all {sent} stored", 60, every=0.1)
    assert stand.database.sql(f"SELECT count(*) FROM message WHERE message_id::int NOT BETWEEN 0 AND {sent - 1}") == [["0"]]


run(service_killed_loses_nothing_acked, log_level="info")
