#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: what is due when the service starts, and what it knows of a session is out of date: the device has unsubscribed, or
another session came. Nothing goes out before the broker has said how it is to be addressed: the command waits, and comes once."""
from stand import run
from stand.broker import SERVICE_PASSWORD, SERVICE_USER
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.mqtt_client import Client
from stand.waiting import wait_until


def lose_what_waits(stand):
    """Somebody takes the service's client ids with a clean start: no event comes before the answer to its first question."""
    for name in ("xgate-local-uplinks", "xgate-local-auth"):
        Client(stand.broker.port, name, SERVICE_USER, SERVICE_PASSWORD).connect().disconnect()


def due(stand, device, number):
    """As another service's API queues it meanwhile, going by what is stored of the device."""
    row, = stand.database.sql(f"""
        INSERT INTO command (device_id, product_id, kind, topic, header_ctrl, payload, message_id, expires_at, due_at)
        SELECT device_id, product_id, 'down', 'downlink', 7, '"x"', {number}, now() + interval '1 hour', now()
        FROM device WHERE node_eui = '{device.node_eui}' RETURNING command_id""")
    return {"command_id": int(row[0])}


def unsubscribed(stand):
    device = stand.device()
    client = device.login(subscribe=["downlink"])
    had = queue(device, "down", data={"n": 1})
    receive(device, client, "downlink")
    acknowledge(device, client, "downlink_ack", had["message_id"])
    in_state(device, had, "done")
    stand.service.stop()
    client.paho.unsubscribe(device.topic("downlink"))
    client.must_subscribe(device.topic("uplink_ack"))  # the broker answers in order
    command = due(stand, device, 1999999998)
    lose_what_waits(stand)
    stand.service.start()
    wait_until(lambda: stand.database.sql(f"SELECT due_at IS NULL FROM command WHERE command_id = {command['command_id']}")
               == [["t"]], "it to be tried")
    wait_until(lambda: shown(device, command)["state"] == "queued", "it to come back")
    assert shown(device, command)["waiting_for"] == "subscription", shown(device, command)
    client.must_subscribe(device.topic("downlink"))
    assert receive(device, client, "downlink")["MessageId"] == 1999999998
    acknowledge(device, client, "downlink_ack", 1999999998)
    assert in_state(device, command, "done")["tries"] == 1 and client.unclaimed() == []


def another_session(stand):
    device = stand.device()
    device.login(subscribe=["downlink"])
    wait_until(lambda: device.shown()["online"], "it to be online")
    stand.service.stop()
    client = device.login(subscribe=["downlink"])
    command = due(stand, device, 1999999999)
    lose_what_waits(stand)
    stand.service.start()
    assert receive(device, client, "downlink")["MessageId"] == 1999999999
    # a second copy would be before this
    behind = queue(device, "down", data={"n": 2})
    assert receive(device, client, "downlink")["MessageId"] == behind["message_id"]
    assert client.unclaimed() == [] and shown(device, command)["tries"] == 1


def down_1_after_a_start_each_command_is_addressed(stand):
    unsubscribed(stand)
    another_session(stand)


run(down_1_after_a_start_each_command_is_addressed)
