#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1, KEY-1, OTA-3: a device with a stored session loses its link before it has acknowledged a command. At its next
login the broker brings back nothing of what expired, was cancelled, withdrawn or replaced meanwhile; what is still open
comes once."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.mqtt_client import MQTT5
from stand.ota import content, start, upload
from stand.stored_session import KEPT, lose_link_at, only_what_is_new_comes


def _lost(device, kept, **command):
    version, options = kept
    client = device.login(subscribe=["downlink"], version=version, **options)
    queued = []
    lose_link_at(client, device.topic("downlink"), lambda: queued.append(queue(device, "down", data={"n": 1}, **command)))
    return queued[0]


def _qos(kept):
    """Mosquitto never gives back the places of what it stored and must not deliver, and a client of MQTT 5 may have few."""
    return 0 if kept[0] == MQTT5 else 1


def _back(device, kept):
    version, options = kept
    client = device.login(version=version, **options)
    assert client.session_present
    return client


def expired(stand, kept):
    device = stand.device()
    command = _lost(device, kept, ttl_s=3)
    in_state(device, command, "expired")
    only_what_is_new_comes(device, _back(device, kept), _qos(kept))


def cancelled(stand, kept):
    device = stand.device()
    command = _lost(device, kept)
    stand.service.api("POST", f"/commands/{command['command_id']}/cancel")
    only_what_is_new_comes(device, _back(device, kept), _qos(kept))


def open_still(stand, kept):
    device = stand.device()
    command = _lost(device, kept)
    client = _back(device, kept)
    got = receive(device, client, "downlink", qos=_qos(kept))
    assert got["MessageId"] == command["message_id"], got
    only_what_is_new_comes(device, client, _qos(kept))
    acknowledge(device, client, "downlink_ack", got["MessageId"])
    assert in_state(device, command, "done")["tries"] == 2


def withdrawn(stand, kept):
    version, options = kept
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    job = start(stand, product, "v2")["job_id"]
    client = device.login(subscribe=["downlink", "ota_notify", "firmware_report_ack"], version=version, **options)
    lose_link_at(client, device.topic("ota_notify"), lambda: client.publish(
        device.topic("firmware_report"),
        '{"MessageId":1,"HeaderCtrl":8,"Payload":{"HardVer":"h","SoftVer":"v1","Type":2},"Version":"2.0"}', wait=False))
    stand.service.api("POST", f"/upgrades/{job}/cancel")
    only_what_is_new_comes(device, _back(device, kept), _qos(kept))


def replaced(stand, kept):
    version, options = kept
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    expire = "UPDATE session_key SET expires_at = now() - interval '1 second'"
    stand.database.sql(expire)
    client = device.client(version=version, **options)
    client.connect()
    old = lose_link_at(client, device.topic("downlink"), lambda: client.paho.subscribe(device.topic("downlink"), 1))
    stand.database.sql(expire)
    client = _back(device, kept)
    new = receive(device, client, "downlink")  # KEY-1: at QoS 1 first
    assert new["HeaderCtrl"] == 3 and new["Payload"]["SessionID"] != old["Payload"]["SessionID"], (old, new)
    device.use_session(new["Payload"]["SessionID"], new["Payload"]["Nonce"])
    client.must_subscribe(device.topic("uplink_ack"))
    assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
    assert client.unclaimed() == [], client.unclaimed()


def few_places(stand):
    """A client that takes one message at a time still gets all of its commands."""
    device = stand.device()
    options = {"clean": False, "session_expiry": 3600, "receive_maximum": 1}
    _lost(device, (MQTT5, options), ttl_s=3)
    client = _back(device, (MQTT5, options))
    for _time in range(3):
        command = queue(device, "down", data={"n": 2})
        receive(device, client, "downlink", lambda body, c=command: body["MessageId"] == c["message_id"], qos=0)
        acknowledge(device, client, "downlink_ack", command["message_id"])
        in_state(device, command, "done")


def down_1_a_stored_session_brings_back_nothing_that_is_over(stand):
    for kept in KEPT:
        for case in (expired, cancelled, open_still, withdrawn, replaced):
            print(f"{case.__name__}, {kept}", flush=True)
            case(stand, kept)
    few_places(stand)


run(down_1_a_stored_session_brings_back_nothing_that_is_over)
