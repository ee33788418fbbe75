#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: a command is sent when the session listens to its topic. A subscription that the session brought along counts, and
subscribing once more brings nothing twice; what was unsubscribed does not, and what waits comes with the next SUBSCRIBE."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.mqtt_client import MQTT5
from stand.stored_session import KEPT, only_what_is_new_comes
from stand.waiting import wait_until


def _unsubscribe(stand, device, client, suffix):
    client.paho.unsubscribe(device.topic(suffix))
    wait_until(lambda: [["0"]] == stand.database.sql(
        f"""SELECT strpos(listens, ' {suffix} ') FROM presence JOIN device USING (device_id)
            WHERE node_eui = '{device.node_eui}'"""), "the end of the subscription to be known", every=0.02)


def brought_along(stand, kept):
    version, options = kept
    device = stand.device()
    device.login(subscribe=["downlink"], version=version, **options).disconnect()
    wait_until(lambda: not device.shown()["online"], "it to be offline")
    command = queue(device, "down", data={"n": 1})
    client = device.login(version=version, **options)
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    # late, and twice
    client.must_subscribe(device.topic("downlink"))
    client.must_subscribe(device.topic("+"))
    only_what_is_new_comes(device, client)
    acknowledge(device, client, "downlink_ack", command["message_id"])
    assert in_state(device, command, "done")["tries"] == 1


def given_up(stand, kept):
    version, options = kept
    device = stand.device()
    client = device.login(subscribe=["downlink", "ask_config"], version=version, **options)
    only_what_is_new_comes(device, client)
    _unsubscribe(stand, device, client, "downlink")
    command = queue(device, "down", data={"n": 1})
    assert shown(device, command)["state"] == "queued"
    # another topic does not wait for it
    other = queue(device, "config_get")
    receive(device, client, "ask_config")
    assert shown(device, command)["state"] == "queued" and shown(device, command)["tries"] == 0
    stand.service.api("POST", f"/commands/{other['command_id']}/cancel")
    client.must_subscribe(device.topic("downlink"))
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    only_what_is_new_comes(device, client)
    assert shown(device, command)["tries"] == 1


def not_among_those_brought_along(stand, kept):
    version, options = kept
    device = stand.device()
    device.login(subscribe=["ask_config"], version=version, **options).disconnect()
    wait_until(lambda: not device.shown()["online"], "it to be offline")
    command = queue(device, "down", data={"n": 1})
    heard = queue(device, "config_get")
    client = device.login(version=version, **options)
    receive(device, client, "ask_config")
    waiting = wait_until(lambda: shown(device, command) if shown(device, command)["tries"] == 0 else None, "it to wait")
    assert waiting["state"] == "queued" and waiting["sent_at"] is None, waiting
    stand.service.api("POST", f"/commands/{heard['command_id']}/cancel")
    client.must_subscribe(device.topic("downlink"))
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    only_what_is_new_comes(device, client)
    # through a filter that was brought along, and given up
    client.paho.unsubscribe(device.topic("ask_config"))
    client.must_subscribe(device.topic("uplink_ack"))  # its answer comes behind the one that nobody waits for
    unheard = queue(device, "config_get")
    wait_until(lambda: shown(device, unheard)["state"] == "queued", "it to wait")
    client.must_subscribe(device.topic("ask_config"))
    receive(device, client, "ask_config")
    assert client.unclaimed() == []


def down_1_comes_once_when_its_topic_is_listened_to(stand):
    for kept in KEPT:
        for case in (brought_along, given_up, not_among_those_brought_along):
            print(f"{case.__name__}, {kept}", flush=True)
            case(stand, kept)
    # MQTT 5 lets a broker send a copy for each filter that fits
    device = stand.device()
    client = device.login(subscribe=["downlink", "+"], version=MQTT5)
    only_what_is_new_comes(device, client)


run(down_1_comes_once_when_its_topic_is_listened_to)
