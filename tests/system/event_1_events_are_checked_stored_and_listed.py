#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""EVENT-1: the output parameters of an event are checked against the model's event of the topic's identifier; stored
with the event's type, acked, and listed by identifier, type and time."""
import json

from stand import run
from stand.device import frame
from stand.thing_model import modelled_product


def event_1_events_are_checked_stored_and_listed(stand):
    device = stand.device(modelled_product(stand))
    client = device.login(subscribe=["model/event/+/report_ack"])
    path = f"/devices/{device.name}/events"

    def report(identifier, payload, message_id):
        client.publish(device.topic(f"model/event/{identifier}/report"), frame(17, payload, message_id))
        ack = json.loads(client.next(device.topic(f"model/event/{identifier}/report_ack")).payload)
        assert (ack["MessageId"], ack["HeaderCtrl"]) == (message_id, 17), ack
        return ack["Payload"]
    assert report("overheat", {"temp": "150"}, 1) == {"Code": "200", "Msg": "SUCCESS"}
    assert report("fault", {"code": 7}, 2)["Code"] == "200"
    assert report("fault", {}, 3)["Code"] == "200"
    for identifier, payload, named in [("overheat", {"temp": 201}, "overheat.temp"), ("fault", {"why": 1}, "why"),
                                       ("fault", [1], "fault"), ("gone", {}, "gone")]:
        answer = report(identifier, payload, 9)
        assert answer["Code"] == "4001" and named in answer["Msg"], answer
        assert device.messages(limit=1)[0]["requirement"] == "EVENT-1"

    events = stand.service.items(path)
    assert [(e["identifier"], e["type"], e["params"]) for e in events] == \
        [("fault", "error", {}), ("fault", "error", {"code": 7}), ("overheat", "alert", {"temp": 150})], events
    assert [e["params"] for e in stand.service.items(path, type="alert")] == [{"temp": 150}]
    assert [e["params"] for e in stand.service.items(path, identifier="fault", limit=1)] == [{}, {"code": 7}]
    assert stand.service.items(path, type="info") == []
    middle = events[1]["device_time"]
    assert stand.service.items(path, **{"from": middle}) == events[:2]
    assert stand.service.items(path, to=middle) == events[2:]
    stand.service.api("GET", path, expect=400, type="warning")

    shown = json.loads(stand.xgate("events", device.name, "--type", "error", "--limit", "1", "--json").stdout)
    assert [e["params"] for e in shown] == [{}], shown
    table = stand.xgate("events", device.name, "--from", "1h").stdout
    assert len(table.splitlines()) == 4 and "overheat" in table, table
    assert stand.xgate("events", device.name, "--from", "yesterday", ok=False).returncode == 2


run(event_1_events_are_checked_stored_and_listed)
