#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-7: while the service is away, a product of many devices, each within its limits, fills the broker's queue; a device of
another product loses nothing."""
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until

QUEUE = 400
DEVICES = 60


def limit_7_a_product_that_fills_the_queue_leaves_room_for_others(stand):
    product = stand.product()
    crowd = [(device, device.login()) for device in (stand.device(product) for _ in range(DEVICES))]
    quiet = stand.device()
    calm = quiet.login(subscribe=["uplink_ack"])
    stand.service.stop()
    for number in range(20):
        for device, client in crowd:
            client.publish(device.topic("uplink"), frame(4, {"n": number}, number))
        if number % 2 == 0:
            calm.publish(quiet.topic("uplink"), frame(4, {"n": number}, number))
    stand.service.start()
    for number in range(0, 20, 2):
        ack = json.loads(calm.next(quiet.topic("uplink_ack"), timeout=30).payload)
        assert (ack["MessageId"], ack["Payload"]["Code"]) == (number, "200"), ack
    assert stand.service.metric("xgate_broker_dropped_total") == 0
    wait_until(lambda: stand.service.metric('xgate_limit_exceeded_total{requirement="LIMIT-7"}') >= DEVICES * 20 - QUEUE, "the metric")


run(limit_7_a_product_that_fills_the_queue_leaves_room_for_others, broker_options=["--queue-messages", str(QUEUE)])
