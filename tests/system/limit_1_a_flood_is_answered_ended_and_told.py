#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-1: of a device that floods, what it may send is stored and acked; of what is beyond, the first are answered 4001 and
stored with the reason; it goes on and its session ends, which is told. A new connection gives it nothing anew. Its neighbour, who
keeps within its limits, loses nothing."""
import collections
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until


def flood(device, client, count, first):
    """QoS 0, and no more than TCP takes: a client of this kind waits for nobody."""
    for number in range(first, first + count):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), qos=0, wait=False)


def ends(stand, device):
    return [each for each in stand.service.items("/refusals", limit=200)
            if "session was ended" in each["reason"] and each["node_eui"] == device.node_eui]


def stored(stand, device, code):
    return int(stand.database.sql(f"SELECT count(*) FROM message WHERE node_eui = '{device.node_eui}' AND code = '{code}'")[0][0])


def limit_1_a_flood_is_answered_ended_and_told(stand):
    product = stand.product()
    device, neighbour = stand.device(product), stand.device(product)
    calm = neighbour.login(subscribe=["uplink_ack"])
    codes = collections.Counter()
    client = device.login(subscribe=["uplink_ack"])
    client.on_message = lambda message: codes.update([json.loads(message.payload)["Payload"]["Code"]])
    flood(device, client, 20_000, 1)
    for number in range(20):
        assert neighbour.send(calm, "uplink", {"n": number})["Payload"]["Code"] == "200"
    client.wait_closed()
    refusal = wait_until(lambda: ends(stand, device), "the end to be told")[0]
    assert refusal["requirement"] == "LIMIT-1" and "more than 100 messages a second" in refusal["reason"], refusal

    rows = {code: stored(stand, device, code) for code in ("200", "4001")}
    assert 1000 <= rows["200"] < 2000, rows
    assert 10 <= rows["4001"] < 200, rows
    told = next(row for row in device.messages(limit=200) if row["code"] == "4001")
    assert (told["requirement"], told["reason"]) == ("LIMIT-1", "the device sends more than 100 messages a second"), told
    wait_until(lambda: stand.service.metric('xgate_limit_exceeded_total{requirement="LIMIT-1"}') >= 1000, "the metric to tell")

    slow = stand.device(stand.product(messages_per_second=1))  # a hundred at once
    for times in (1, 2):
        again = slow.login()
        flood(slow, again, 5_000, 5_000 * times)
        again.wait_closed()
        wait_until(lambda: len(ends(stand, slow)) == times, "the end to be told")
    assert 90 <= stored(stand, slow, "200") < 170


run(limit_1_a_flood_is_answered_ended_and_told)
