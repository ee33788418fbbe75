#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: the dispatcher's COMMIT gets no answer: the command stands as sent and has not left. It leaves all the same."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive


def down_1_lost_commit_answer_still_sends(stand):
    device = stand.device()
    client = device.login(subscribe=["downlink"])
    stand.proxy.lose_next_commit_answer("xgate commands")
    command = queue(device, "down", data={"n": 1})
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    assert stand.proxy.lost.is_set()
    acknowledge(device, client, "downlink_ack", command["message_id"])
    in_state(device, command, "done")


run(down_1_lost_commit_answer_still_sends, database_proxy=True)
