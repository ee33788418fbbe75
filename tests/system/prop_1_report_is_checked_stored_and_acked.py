#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1: a property report that fits the thing model is acked 200; its values are the device's latest and stand in
the history, through the API and the command line. A text that fits is read as its number, and noted."""
import json

from stand import run
from stand.thing_model import modelled_product


def prop_1_report_is_checked_stored_and_acked(stand):
    device = stand.device(modelled_product(stand))
    client = device.login(subscribe=["model/property/report_ack"])
    ack = device.send(client, "model/property/report", {"temp": 100, "humi": 20}, 1231)
    assert ack == {"MessageId": 1231, "HeaderCtrl": 16, "Payload": {"Code": "200", "Msg": "SUCCESS"},
                   "Version": "2.0"}, ack

    def latest():
        return {p["identifier"]: p for p in stand.service.items(f"/devices/{device.name}/properties")}
    there = latest()
    assert {i: p["value"] for i, p in there.items()} == {"temp": 100, "humi": 20}, there
    assert (there["temp"]["name"], there["temp"]["unit"]) == ("Temp", "°C"), there
    assert there["temp"]["device_time"] == there["temp"]["received_at"], "the device said no time"

    # The source sends numbers as texts, and a bool may come as its name.
    ack = device.send(client, "model/property/report", {"temp": "99", "power": "on"}, "text id")
    assert ack["Payload"]["Code"] == "200" and ack["MessageId"] == "text id", ack
    assert {i: p["value"] for i, p in latest().items()} == {"temp": 99, "humi": 20, "power": 1}
    newest = device.messages(limit=1)[0]
    assert newest["code"] == "200" and newest["payload"] == {"temp": "99", "power": "on"}, newest
    assert 'temp: the text "99" was read as 99' in newest["note"] and "power" in newest["note"], newest

    history = stand.service.items(f"/devices/{device.name}/history/temp")
    assert [h["value"] for h in history] == [99, 100], history

    shown = json.loads(stand.xgate("properties", device.name, "--json").stdout)
    assert [p["identifier"] for p in shown] == ["humi", "power", "temp"], shown
    table = stand.xgate("properties", device.name).stdout
    assert "temp" in table and "°C" in table and "99" in table, table
    lines = stand.xgate("history", device.name, "temp", "--limit", "1").stdout.splitlines()
    assert len(lines) == 2 and " 99 " in lines[1], lines
    stand.service.api("GET", f"/devices/{device.product.product_id}.nobody/properties", expect=404)


run(prop_1_report_is_checked_stored_and_acked)
