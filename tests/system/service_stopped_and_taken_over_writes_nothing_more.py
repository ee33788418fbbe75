#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two services on one broker. The first stands still in the middle of a transaction, with more in hand, and loses its lease;
the second serves. When the first goes on, nothing that it had in hand is written or acknowledged, presence stays true, and it
gives way, says so, and waits until the second ends."""
import signal
import subprocess

from stand import run
from stand.commands import in_state, queue, receive
from stand.device import frame
from stand.waiting import wait_until

IN_HAND = 40
LEASE = ("FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
         "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
         "classid::bigint = hashtext('xgate broker')::bigint & 4294967295")


def service_stopped_and_taken_over_writes_nothing_more(stand):
    first, database = stand.service, stand.database
    device, other, leaver = (stand.device() for _n in range(3))
    client = device.login(subscribe=["uplink_ack", "downlink"])
    other_client = other.login(subscribe=["uplink_ack"])
    leaving = leaver.login()
    assert device.send(client, "uplink", {"n": 0}, 1000)["Payload"]["Code"] == "200"

    second = stand.another_service("second")
    second.start(wait_ready=False)
    second.process.wait_ready(lambda: "another service consumes broker" in second.process.log(), "the second waits")

    # the first is in the middle of a transaction, and has more behind it
    locker = subprocess.Popen(["psql", "-X", "-q", database.admin_conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    locker.stdin.write("BEGIN; LOCK TABLE message IN EXCLUSIVE MODE;\n\\echo locked\n")
    locker.stdin.flush()
    assert locker.stdout.readline() == "locked\n"
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'message'::regclass"
    client.publish(device.topic("uplink"), frame(4, {"n": 0}, 0), wait=False)
    wait_until(lambda: database.sql(waiting) == [["1"]], "the first writes")
    for number in range(1, IN_HAND):
        who, sender = ((device, client), (other, other_client))[number % 2]
        sender.publish(who.topic("uplink"), frame(4, {"n": number}, number), wait=False)
    first.process.send_signal(signal.SIGSTOP)
    leaving.disconnect()
    locker.stdin.write("COMMIT;\n")
    locker.stdin.close()
    locker.wait()
    assert database.sql(f"SELECT pg_terminate_backend(pid) {LEASE}") == [["t"]], "one has the lease"

    second.wait_ready(60)
    for number in range(IN_HAND):
        who, receiver = ((device, client), (other, other_client))[number % 2]
        assert who.ack(receiver, "uplink", number, timeout=60)["Payload"]["Code"] == "200", number

    def online(who):
        return database.sql(f"SELECT online FROM presence JOIN device USING (device_id) WHERE node_eui = '{who.node_eui}'")
    wait_until(lambda: online(leaver) == [["f"]], "who left meanwhile is offline")
    leaver.login()
    wait_until(lambda: online(leaver) == [["t"]], "and back")

    first.process.send_signal(signal.SIGCONT)
    wait_until(lambda: "another service has taken over broker" in first.process.log(), "the first gives way", 30)
    wait_until(lambda: "are left to the service that consumes the broker now" in first.process.log(), "what it had in hand, too")
    wait_until(second.ready, "the second serves")  # it may have been thrown out once
    # whatever it still had is behind this: its API queues a command, and the second sends it, once
    command = queue(device, "down", data={"n": 1})
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    in_state(device, command, "sent")
    assert device.send(client, "uplink", {"n": 1}, 1001)["Payload"]["Code"] == "200"
    twice = database.sql("SELECT message_id, count(*) FROM message GROUP BY message_id HAVING count(*) > 1")
    assert twice == [], f"written by both: {twice}"
    assert database.sql("SELECT count(*) FROM message WHERE code = '200'") == [[str(IN_HAND + 2)]]
    assert not client.unclaimed() and not other_client.unclaimed()
    assert online(device) == online(other) == online(leaver) == [["t"]]

    assert second.stop() == 0
    wait_until(first.ready, "the first serves again")
    assert device.send(client, "uplink", {"n": 2}, 1002)["Payload"]["Code"] == "200"


run(service_stopped_and_taken_over_writes_nothing_more, log_level="info")
