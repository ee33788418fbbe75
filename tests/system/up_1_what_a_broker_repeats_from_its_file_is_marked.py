#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""UP-1: a broker that stopped in order saved what waited for the service. Killed before it saved again, it starts from that
file and delivers all of it a second time, without MQTT's mark. Stored again, it is marked; what is new is not."""
from stand import run
from stand.device import frame
from stand.waiting import wait_until

WAITED = 20


def up_1_what_a_broker_repeats_from_its_file_is_marked(stand):
    device = stand.device()
    client = device.login()
    stand.service.stop()
    for number in range(WAITED):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number))
    stand.broker.restart()
    stand.service.start()

    def unmarked_and_all(message_ids="message_id::int < 1000"):
        row, = stand.database.sql(f"SELECT count(*) FILTER (WHERE NOT redelivered), count(*) FROM message WHERE {message_ids}")
        return tuple(map(int, row))
    wait_until(lambda: unmarked_and_all()[1] == WAITED, "what waited to be stored")
    first = unmarked_and_all()[0]
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", {"new": 1}, 1000)["Payload"]["Code"] == "200"
    stand.broker.kill()
    stand.broker.start()
    wait_until(lambda: unmarked_and_all()[1] == 2 * WAITED, "the broker to repeat what its file holds")
    assert unmarked_and_all()[0] == first, "what was repeated is not marked"
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", {"new": 2}, 1001)["Payload"]["Code"] == "200"
    stand.service.restart()
    assert device.send(client, "uplink", {"new": 3}, 1002)["Payload"]["Code"] == "200"
    assert unmarked_and_all("message_id::int >= 1000") == (3, 3)


run(up_1_what_a_broker_repeats_from_its_file_is_marked)
