#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""UP-1: a connection that breaks between COMMIT and its answer tells nobody whether the message is stored. It is stored
again, marked as what may stand twice, and acked once."""
from stand import run
from stand.device import frame


def up_1_lost_commit_answer_stores_as_redelivered(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    stand.proxy.lose_next_commit_answer("xgate messages-")
    client.publish(device.topic("uplink"), frame(4, {"n": 1}, 1), wait=False)
    assert device.ack(client, "uplink", 1)["Payload"]["Code"] == "200"
    assert stand.proxy.lost.is_set()
    rows = stand.database.sql("SELECT redelivered FROM message WHERE message_id = '1' ORDER BY sequence")
    assert rows == [["f"], ["t"]], rows
    client.publish(device.topic("uplink"), frame(4, {"n": 2}, 2), wait=False)
    assert device.ack(client, "uplink", 2)["Payload"]["Code"] == "200"
    assert stand.database.sql("SELECT redelivered FROM message WHERE message_id = '2'") == [["f"]]
    assert client.unclaimed() == []


run(up_1_lost_commit_answer_stores_as_redelivered, database_proxy=True)
