#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1, SVC-1: a device that is online but does not listen to a command's topic is not sent it: it stays queued, comes
once when the device subscribes, and says why where its time to live ends first."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown


def down_1_waits_until_its_topic_is_subscribed(stand):
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["downlink"])
    unheard = queue(device, "call", service="reset", ttl_s=2)
    waiting = queue(device, "call", service="switch", params={"on": 1})
    # what the device listens to does not wait for what it never will
    first = queue(device, "down", data={"n": 1})
    receive(device, client, "downlink")
    acknowledge(device, client, "downlink_ack", first["message_id"])
    in_state(device, first, "done")
    ended = in_state(device, unheard, "expired")
    assert f"did not subscribe in time to {device.topic('model/service/reset')}" in ended["reason"] and ended["tries"] == 0, ended
    assert shown(device, waiting)["state"] == "queued" and shown(device, waiting)["tries"] == 0

    client.must_subscribe(device.topic("model/service/switch"))
    got = receive(device, client, "model/service/switch")
    assert got["MessageId"] == waiting["message_id"], got
    acknowledge(device, client, "model/service/switch/ack", got["MessageId"], header_ctrl=21)
    assert in_state(device, waiting, "done")["tries"] == 1
    assert client.unclaimed() == []


run(down_1_waits_until_its_topic_is_subscribed)
