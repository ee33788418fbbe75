#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-7: of requests for authentication, too, it is counted, logged and shown at /readyz what the broker drops for the service,
because its own queue is smaller than the plugin believes."""
import signal

from stand import run
from stand.device import AUTH_TOPIC
from stand.waiting import wait_until

MANY = 8000  # of which the service lets be 5,000 on their way to it


def limit_7_what_the_broker_drops_of_auth_requests_is_known(stand):
    product = stand.product(auth_type=0)
    device = stand.device(product)
    client = device.auth_client().connect()
    client.must_subscribe(device.topic("downlink"))
    for _ in range(3):
        assert device.ask(client, device.auth_request())["Payload"]["Code"] == 0
    stand.service.process.send_signal(signal.SIGSTOP)  # connected, and reads nothing
    for number in range(MANY):
        client.publish(AUTH_TOPIC, device.auth_request(message_id=number), wait=number % 500 == 499)
    stand.service.process.send_signal(signal.SIGCONT)

    def known():
        client.publish(AUTH_TOPIC, device.auth_request())  # one behind all that was kept
        return stand.service.metric("xgate_broker_dropped_total")
    dropped = wait_until(known, "the metric", every=1)
    assert 1000 < dropped < MANY, dropped
    answer = stand.service.request("GET", "/readyz", token=None).json
    assert "dropped" in next(each["detail"] for each in answer["components"] if each["name"] == "broker_queue")
    assert "dropped" in stand.service.process.log()


run(limit_7_what_the_broker_drops_of_auth_requests_is_known, broker_extra="max_queued_messages 50\n",
    broker_options=["--auth-requests-per-minute", "0", "--product-auth-requests-per-second", "0",
                    "--messages-per-second", "0"])
