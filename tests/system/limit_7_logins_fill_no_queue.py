#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-7: while the service is away, logins, each of which is told to it, leave room in the broker's queue for what devices send:
what they leave behind is ended once the service is back, and nothing was dropped."""
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until

LOGINS = 1000
QUEUE = 400


def limit_7_logins_fill_no_queue(stand):
    product = stand.product(auth_type=0)
    quiet = stand.device()
    calm = quiet.login(subscribe=["uplink_ack"])
    stand.service.stop()
    made_up = [stand.device(product, registered=False) for _ in range(LOGINS)]
    assert not any(device.leaves_auth_session() for device in made_up)
    for number in range(10):
        calm.publish(quiet.topic("uplink"), frame(4, {"n": number}, number))
    stand.service.start()
    for number in range(10):
        ack = json.loads(calm.next(quiet.topic("uplink_ack"), timeout=30).payload)
        assert (ack["MessageId"], ack["Payload"]["Code"]) == (number, "200"), ack
    assert stand.service.metric("xgate_broker_dropped_total") == 0
    for device in made_up[::100]:
        wait_until(lambda one=device: not one.leaves_auth_session(), "the session to be gone", every=1.2)


run(limit_7_logins_fill_no_queue, broker_options=["--queue-messages", str(QUEUE)])
