#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HIST-1: properties and events gathered earlier are stored under the device's own times, once however often they are
sent, never in the place of a newer latest value, and found by time range, newest first, page by page."""
import json

from stand import run
from stand.thing_model import event, model, modelled_product, parameter, property

ON_OFF = {"0": "off", "1": "on"}
# The source's own example (§4.3.1.4), with a model that its names fit.
MODEL = model([property("Power", "bool", **ON_OFF), property("WF", "int")],
              [event("alarmEvent", "alert", parameter("Power", "bool", **ON_OFF), parameter("WF", "int")),
               event("alertEvent", "error", parameter("Power", "bool", **ON_OFF), parameter("WF", "int"))])
AT = 1524448722000
ENTRY = {"properties": [{"Power": {"value": "on", "time": AT}, "WF": {"value": "3", "time": AT}},
                        {"Power": {"value": "on", "time": AT}, "WF": {"value": "3", "time": AT}}],
         "events": [{"alarmEvent": {"value": {"Power": "on", "WF": "2"}, "time": AT},
                     "alertEvent": {"value": {"Power": "off", "WF": "3"}, "time": AT}}]}


def hist_1_history_is_stored_under_the_devices_times(stand):
    device = stand.device(modelled_product(stand, MODEL))
    client = device.login(subscribe=["model/property/report_ack", "model/history/data/report_ack"])

    def history(params):
        return device.send(client, "model/history/data/report", {"params": params})["Payload"]

    def values(identifier="WF", **query):
        return [h["value"] for h in stand.service.items(f"/devices/{device.name}/history/{identifier}", **query)]

    def latest():
        return {p["identifier"]: p["value"] for p in stand.service.items(f"/devices/{device.name}/properties")}
    assert device.send(client, "model/property/report", {"WF": 9})["Payload"]["Code"] == "200"
    for _ in range(2):  # sent again, as when the ack was lost
        ack = device.send(client, "model/history/data/report", {"params": [ENTRY, ENTRY]}, 1231)
        assert ack == {"MessageId": 1231, "HeaderCtrl": 27, "Payload": {"Code": "200", "Msg": "SUCCESS"},
                       "Version": "2.0"}, ack
    assert latest() == {"WF": 9, "Power": 1}, "what is older does not become the latest"
    assert values() == [9, 3] and values("Power") == [1], "once, however often it comes"
    stored = stand.service.items(f"/devices/{device.name}/history/Power")[0]
    assert stored["device_time"] == "2018-04-23T01:58:42.000Z" and stored["received_at"] > "2020", stored
    events = stand.service.items(f"/devices/{device.name}/events", to="2018-04-23T01:58:42.001Z")
    assert sorted((e["identifier"], e["type"], e["params"]["WF"]) for e in events) == \
        [("alarmEvent", "alert", 2), ("alertEvent", "error", 3)], events

    # a day of values, a second apart, in one message and in any order
    many = [{"WF": {"value": i, "time": AT + 1000 * i}} for i in range(1, 301)]
    assert history([{"properties": many[::-1]}])["Code"] == "200"
    assert values(limit=100) == [9, *range(300, 0, -1), 3]
    seconds = {"from": "2018-04-23T09:58:43+08:00", "to": "2018-04-23T01:58:45Z"}
    assert values(**seconds) == [2, 1], "from is inside, to is not"
    shown = json.loads(stand.xgate("history", device.name, "WF", "--to", seconds["to"], "--limit", "2",
                                   "--json").stdout)
    assert [h["value"] for h in shown] == [2, 1], shown

    # one bad item refuses all of the message, and is named
    good = {"WF": {"value": 1000, "time": AT}}
    for bad, named in [({"WF": {"value": 1, "time": 1524448722}}, "WF"), ({"XY": {"value": 1, "time": AT}}, "XY"),
                       ({"WF": {"value": "x", "time": AT}}, "WF"), ({"WF": {"value": 1}}, "WF"),
                       ({"WF": {"value": 1, "time": 4102444800000}}, "WF"), ({"WF": 1}, "WF")]:
        answer = history([{"properties": [good, bad]}])
        assert answer["Code"] == "4001" and named in answer["Msg"], answer
        assert device.messages(limit=1)[0]["requirement"] == "HIST-1"
    assert 1000 not in values()

    # kept under the time of receiving, where the product says so
    stand.change_product(device.product, model_violations="keep")
    assert history([{"properties": [good, {"WF": {"value": 1, "time": 7}}]}])["Code"] == "200"
    assert values(limit=1)[0] == {"value": 1, "time": 7} and 1000 in values(), values()
    for wrong in ("2018-04-23", "now", "2018-13-01T00:00:00Z", "2018-04-23T01:58:42"):
        stand.service.api("GET", f"/devices/{device.name}/history/WF", expect=400, **{"from": wrong})


run(hist_1_history_is_stored_under_the_devices_times)
