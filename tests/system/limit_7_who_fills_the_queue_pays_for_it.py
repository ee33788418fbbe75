#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-7: while the service is away, the broker's queue for it fills; the device that sends most is refused first, one that sends
little loses nothing, and all of it is told at /readyz and in the metrics once the service is back."""
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until

QUEUE = 400


def stored(stand, device):
    return int(stand.database.sql(f"SELECT count(*) FROM message WHERE node_eui = '{device.node_eui}'")[0][0])


def limit_7_who_fills_the_queue_pays_for_it(stand):
    product = stand.product()
    busy, quiet = stand.device(product), stand.device(product)
    loud, calm = (each.login(subscribe=["uplink_ack"]) for each in (busy, quiet))
    stand.service.stop()
    for number in range(20):  # five percent of what comes
        for each in range(19):
            loud.publish(busy.topic("uplink"), frame(4, {"n": number}, number * 100 + each), wait=False)
        loud.publish(busy.topic("uplink"), frame(4, {"n": number}, number * 100 + 99))
        if number % 4 == 0:
            calm.publish(quiet.topic("uplink"), frame(4, {"n": number}, number))
    stand.service.start()
    for number in range(0, 20, 4):
        ack = json.loads(calm.next(quiet.topic("uplink_ack"), timeout=30).payload)
        assert (ack["MessageId"], ack["Payload"]["Code"]) == (number, "200"), ack
    kept = wait_until(lambda: stored(stand, busy), "the loud one's")
    assert kept < QUEUE, kept
    wait_until(lambda: stand.service.metric('xgate_limit_exceeded_total{requirement="LIMIT-7"}') >= 1, "the metric")
    assert stand.service.metric("xgate_broker_dropped_total") == 0

    def detail():
        answer = stand.service.request("GET", "/readyz", token=None)
        assert answer.status == 200
        return next(each["detail"] for each in answer.json["components"] if each["name"] == "broker_queue")
    wait_until(lambda: "LIMIT-7" in detail(), "readyz to tell")


run(limit_7_who_fills_the_queue_pays_for_it, broker_options=["--queue-messages", str(QUEUE)])
