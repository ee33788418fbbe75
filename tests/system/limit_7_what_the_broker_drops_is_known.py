#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-7: what the broker drops for the service, because its own queue is smaller than the plugin believes, is counted, logged and
shown at /readyz."""
from stand import run
from stand.device import frame
from stand.waiting import wait_until

MANY = 8000  # of which the service lets be 5,000 on their way to it


def stored(stand, device):
    return int(stand.database.sql(f"SELECT count(*) FROM message WHERE node_eui = '{device.node_eui}'")[0][0])


def limit_7_what_the_broker_drops_is_known(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", {"n": 0})["Payload"]["Code"] == "200"
    stand.service.process.send_signal(19)  # SIGSTOP: connected, and reads nothing
    for number in range(MANY):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), wait=number % 500 == 499)
    stand.service.process.send_signal(18)

    def metric():
        return stand.service.metric("xgate_broker_dropped_total")
    stand.device().login()  # an event, behind all that was kept
    dropped = wait_until(metric, "the metric")
    assert dropped > 1000, dropped
    wait_until(lambda: stored(stand, device) + metric() >= MANY + 1, "all to be stored or counted")
    answer = stand.service.request("GET", "/readyz", token=None).json
    assert "dropped" in next(each["detail"] for each in answer["components"] if each["name"] == "broker_queue")
    assert "dropped" in stand.service.process.log()


run(limit_7_what_the_broker_drops_is_known,
    broker_extra="max_queued_messages 50\n", broker_options=["--messages-per-second", "100000"])
