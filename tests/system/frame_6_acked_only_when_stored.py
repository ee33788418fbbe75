#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-6: an ack with Code 200 comes only after the message is durably stored: at the moment an ack arrives, another
connection to the database sees the message."""
import subprocess

from stand import run
from stand.waiting import wait_until


def frame_6_acked_only_when_stored(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack", "firmware_report_ack"])
    for number in range(30):
        assert device.send(client, "uplink", {"n": number}, number)["Payload"]["Code"] == "200"
        there = stand.database.sql(f"SELECT count(*) FROM message WHERE message_id = '{number}' AND code = '200'")
        assert there == [["1"]], f"acked before it was stored: {number}"

    # while somebody holds the table, nothing can be stored, and so nothing is acked
    locker = subprocess.Popen(
        ["psql", "-X", "-q", stand.database.admin_conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        locker.stdin.write("BEGIN; LOCK TABLE message IN ACCESS EXCLUSIVE MODE;\n\\echo locked\n")
        locker.stdin.flush()
        assert locker.stdout.readline() == "locked\n"
        client.publish(device.topic("uplink"),
                       '{"MessageId":500,"HeaderCtrl":4,"Payload":{},"Version":"2.0"}', wait=False)
        wait_until(lambda: stand.database.sql(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'message'::regclass") != [["0"]],
            "the service waits for the table")
        assert client.unclaimed() == []
        locker.stdin.write("COMMIT;\n")
        locker.stdin.close()
        assert device.ack(client, "uplink", 500)["Payload"]["Code"] == "200"
    finally:
        locker.kill()
        locker.wait()


run(frame_6_acked_only_when_stored)
