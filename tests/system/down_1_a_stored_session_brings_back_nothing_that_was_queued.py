#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1, in MQTT 3.1.1 and 5: a command that the broker could not even send, because its device had acknowledged too few
before it or had just gone, expires or is cancelled. The stored session brings back neither it nor those before it. A
device that stays connected gets what waits in the broker once it acknowledges, but nothing whose time is over."""
import json
import signal

from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.stored_session import KEPT, acks_held, cut_link, only_what_is_new_comes
from stand.waiting import seconds, wait_until

PLACES = 2  # in flight to each client
SHORT_S = round(seconds(3))  # a command's time, in which it reaches the broker


def _login(device, kept, **options):
    version, kept_options = kept
    return device.login(version=version, **kept_options, **options)


def _at_the_broker(stand, command):
    wait_until(lambda: stand.database.sql(f"SELECT taken_at IS NOT NULL FROM command WHERE command_id = {command['command_id']}")
               == [["t"]], f"command {command['command_id']} to be taken by the broker", every=0.02)


def _queued_behind(stand, device, **third):
    """As many as there are places, and one more that the broker keeps to itself."""
    commands = [queue(device, "down", data={"n": n}) for n in range(PLACES)] + [queue(device, "down", data={"n": PLACES}, **third)]
    for command in commands:
        _at_the_broker(stand, command)
    return commands


def _cancel(stand, *commands):
    for command in commands:
        stand.service.api("POST", f"/commands/{command['command_id']}/cancel")


def _nothing_comes_at_once(device, client):
    """An ack at QoS 0 needs no place, and comes behind what the session brought along."""
    assert device.send(client, "uplink", {"n": 1})["Payload"]["Code"] == "200"
    assert client.unclaimed() == [], client.unclaimed()


def its_places_were_full(stand, kept, ttl_s):
    device = stand.device()
    client = _login(device, kept, subscribe=["downlink", "uplink_ack"])
    with acks_held(client) as taken:
        *before, last = _queued_behind(stand, device, **({"ttl_s": ttl_s} if ttl_s else {}))
        wait_until(lambda: taken, "the first of them")
        cut_link(client)
    client.abandon()
    _cancel(stand, *before, *([] if ttl_s else [last]))
    in_state(device, last, "expired" if ttl_s else "cancelled")
    back = _login(device, kept)
    assert back.session_present
    _nothing_comes_at_once(device, back)
    back.disconnect()
    # Mosquitto gives back the places of what it threw away only now
    back = _login(device, kept)
    assert back.session_present
    only_what_is_new_comes(device, back)


def it_had_just_gone(stand, kept, ttl_s):
    device = stand.device()
    client = _login(device, kept, subscribe=["downlink", "uplink_ack"])
    only_what_is_new_comes(device, client)
    stand.broker.process.send_signal(signal.SIGSTOP)  # it finds the end of the link first, and the command behind it
    client.drop()
    command = queue(device, "down", data={"n": 1}, **({"ttl_s": ttl_s} if ttl_s else {}))
    in_state(device, command, "sent")
    stand.broker.process.send_signal(signal.SIGCONT)
    wait_until(lambda: not device.shown()["online"], "it to be offline", every=0.02)
    if not ttl_s:
        _cancel(stand, command)
    in_state(device, command, "expired" if ttl_s else "cancelled")
    back = _login(device, kept)
    assert back.session_present
    only_what_is_new_comes(device, back)


def it_stays_connected(stand, kept):
    device = stand.device()
    client = _login(device, kept, subscribe=["downlink", "uplink_ack"])
    with acks_held(client) as taken:
        *before, last = _queued_behind(stand, device)
        wanted, late = queue(device, "down", data={"n": "wanted"}), queue(device, "down", data={"n": "late"}, ttl_s=SHORT_S)
        for command in (wanted, late):
            _at_the_broker(stand, command)
        wait_until(lambda: taken, "the first of them")
        in_state(device, late, "expired")
    assert json.loads(taken[0].payload)["MessageId"] == before[0]["message_id"]
    for command in (*before[1:], last, wanted):
        assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    for command in (*before, last, wanted):
        acknowledge(device, client, "downlink_ack", command["message_id"])
        in_state(device, command, "done")
    only_what_is_new_comes(device, client)


def down_1_a_stored_session_brings_back_nothing_that_was_queued(stand):
    for kept in KEPT:
        for case in (its_places_were_full, it_had_just_gone):
            for ttl_s in (SHORT_S, None):
                print(f"{case.__name__}, {'expired' if ttl_s else 'cancelled'}, {kept}", flush=True)
                case(stand, kept, ttl_s)
        print(f"it_stays_connected, {kept}", flush=True)
        it_stays_connected(stand, kept)


run(down_1_a_stored_session_brings_back_nothing_that_was_queued, broker_extra=f"max_inflight_messages {PLACES}\n")
