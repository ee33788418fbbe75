#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM under load: the service finishes what it holds, ends with 0, and the next one goes on where it stopped, with
no message stored twice."""
from stand import run
from stand.device import frame
from stand.waiting import wait_until

SENT = 3000


def service_stops_in_good_order(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    half = SENT // 2
    for number in range(SENT):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), wait=False)
        if number == half:
            assert stand.service.stop() == 0
            stand.service.start(wait_ready=False)
    stand.service.wait_ready()

    def count():
        return stand.database.sql("SELECT count(*), count(DISTINCT message_id), "
                                  "count(*) FILTER (WHERE redelivered) FROM message")[0]
    wait_until(lambda: int(count()[1]) == SENT, "all stored", 60, every=0.1)
    rows, distinct, redelivered = map(int, count())
    assert rows - redelivered <= distinct, (rows, distinct, redelivered)
    order = stand.database.sql("SELECT message_id FROM message WHERE NOT redelivered ORDER BY sequence")
    ids = [int(row[0]) for row in order]
    assert ids == sorted(ids), "out of order"


run(service_stops_in_good_order, log_level="info", broker_options=["--messages-per-second", "0"])
