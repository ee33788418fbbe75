#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: the service is killed when a command is stored as sent and the broker does not have it yet. The device, which stays
connected, gets it after the next start; what the broker had is not sent again."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.waiting import wait_until


def down_1_sent_and_never_taken_comes_after_the_start(stand):
    device = stand.device()
    client = device.login(subscribe=["downlink"])
    had = queue(device, "down", data={"n": 1})
    receive(device, client, "downlink", lambda body: body["MessageId"] == had["message_id"])
    wait_until(lambda: stand.database.sql(f"SELECT taken_at >= sent_at FROM command WHERE command_id = {had['command_id']}")
               == [["t"]], "the broker to have the first")

    # as the kill leaves it: between the commit and the broker no test can put its knife
    stand.service.kill()
    stand.database.sql("""
        INSERT INTO command (device_id, product_id, kind, topic, header_ctrl, payload, message_id, state, tries, expires_at,
                             sent_at, sent_session)
        SELECT c.device_id, c.product_id, c.kind, c.topic, c.header_ctrl, c.payload, 1999999999, 'sent', 1, c.expires_at, now(),
               c.sent_session FROM command c""")
    stand.service.start()
    got = receive(device, client, "downlink")
    assert got["MessageId"] == 1999999999, f"{got}: only what the broker never had comes again"
    acknowledge(device, client, "downlink_ack", 1999999999)
    lost, = stand.database.sql("SELECT command_id FROM command WHERE message_id = 1999999999")
    assert in_state(device, {"command_id": int(lost[0])}, "done")["tries"] == 2
    acknowledge(device, client, "downlink_ack", had["message_id"])
    assert in_state(device, had, "done")["tries"] == 1
    assert shown(device, had)["answers"] == 1 and client.unclaimed() == []


run(down_1_sent_and_never_taken_comes_after_the_start)
