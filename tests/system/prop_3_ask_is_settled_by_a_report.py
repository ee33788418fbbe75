#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-3: properties are asked for in the source's shape; a property report with the same MessageId settles it, and is acked
and stored like any; one with a MessageId of the device's own is no answer."""
from stand import run
from stand.commands import in_state, queue, receive, shown
from stand.thing_model import METER, put_model


def prop_3_ask_is_settled_by_a_report(stand):
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["model/property/ask", "model/property/report_ack"])
    command = queue(device, "ask", params=["temp", "humi"])
    body = receive(device, client, "model/property/ask")
    assert body["HeaderCtrl"] == 23 and body["Payload"] == {"params": ["temp", "humi"]}, body
    device.send(client, "model/property/report", {"temp": 1}, message_id=4711)  # of its own: no answer
    assert shown(device, command)["state"] == "sent"
    device.send(client, "model/property/report", {"temp": 25, "humi": 40}, message_id=body["MessageId"])
    done = in_state(device, command, "done")
    assert done["result"] == {"temp": 25, "humi": 40} and done["code"] is None, done
    assert [m["code"] for m in device.messages()] == ["200", "200"]

    put_model(stand, device.product, METER)  # a text that fits is read as what it is: the answer tells what is stored
    command = queue(device, "ask", params=["temp"])
    body = receive(device, client, "model/property/ask")
    device.send(client, "model/property/report", {"temp": "31"}, message_id=body["MessageId"])
    done = in_state(device, command, "done")
    stored = {value["identifier"]: value["value"] for value in stand.service.items(f"/devices/{device.name}/properties")}
    assert done["result"] == {"temp": 31} and stored["temp"] == 31, (done, stored)


run(prop_3_ask_is_settled_by_a_report)
