#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: what is sent to a device that is away waits, and comes at its next login, in order; unanswered, it comes again at a
later session with the same MessageId, and never twice in one; also to a device that keeps its subscriptions."""
import json

from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.device import frame
from stand.waiting import wait_until


def down_1_waits_for_its_device_in_order(stand):
    device = stand.device()
    commands = [queue(device, "down", data={"n": n}) for n in range(5)]
    assert all(shown(device, c)["state"] == "queued" and shown(device, c)["tries"] == 0 for c in commands)

    client = device.login(subscribe=["uplink_ack", "downlink"])
    got = [receive(device, client, "downlink") for _c in commands]
    assert [b["Payload"]["n"] for b in got] == list(range(5)), got
    assert [b["MessageId"] for b in got] == [c["message_id"] for c in commands]
    acknowledge(device, client, "downlink_ack", got[1]["MessageId"])
    in_state(device, commands[1], "done")

    # the rest is unanswered: a second subscription of the same session brings nothing again …
    client.must_subscribe(device.topic("downlink"))
    fence = queue(device, "down", data={"n": "fence"})
    assert receive(device, client, "downlink")["Payload"] == {"n": "fence"}
    acknowledge(device, client, "downlink_ack", fence["message_id"])
    in_state(device, fence, "done")
    assert [m for m in client.unclaimed() if m[0] == device.topic("downlink")] == []
    client.disconnect()

    # … a later session does
    client = device.login(subscribe=["+"], clean=False)
    again = [receive(device, client, "downlink") for _n in range(4)]
    assert [b["Payload"]["n"] for b in again] == [0, 2, 3, 4], again
    assert [b["MessageId"] for b in again] == [c["message_id"] for c in commands if c is not commands[1]]
    for body in again[:3]:
        acknowledge(device, client, "downlink_ack", body["MessageId"])
    for command in (commands[0], commands[2], commands[3]):
        assert in_state(device, command, "done")["tries"] == 2
    client.disconnect()

    # a kept session: no SUBSCRIBE comes
    wait_until(lambda: not device.shown()["online"], "offline")
    waiting = queue(device, "down", data={"n": 5})
    client = device.client(clean=False).connect()
    assert client.session_present
    kept = [receive(device, client, "downlink") for _n in range(2)]
    assert [b["Payload"]["n"] for b in kept] == [4, 5], kept
    for body in kept:
        acknowledge(device, client, "downlink_ack", body["MessageId"])
    assert in_state(device, waiting, "done")["tries"] == 1
    stand.operator().publish(device.topic("downlink"), frame(7, {"data": "end"}))
    assert json.loads(client.next(device.topic("downlink")).payload)["Payload"] == {"data": "end"}
    assert client.unclaimed() == []


run(down_1_waits_for_its_device_in_order)
