#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1…3, EVENT-1, SVC-1 for what a thing model's modules (functionBlocks) define: their identifiers, headed by the
module's, are reported, set, asked for, called, and subscribed to by name, in topics, API and command line."""
from stand import run, thing_model
from stand.commands import acknowledge, in_state, queue, receive
from stand.device import ACK, PUBLISH

MODEL = {**thing_model.METER, "functionBlocks": [{
    "functionBlockId": "lamp", "functionBlockName": "Lamp",
    **thing_model.model([thing_model.property("power", "bool", **{"0": "off", "1": "on"})],
                        [thing_model.event("broken", "error", thing_model.parameter("code", "int"))],
                        [thing_model.service("blink", [thing_model.parameter("times", "int")])])}]}
EVENT, CALL = "model/event/lamp:broken/report", "model/service/lamp:blink"


def model_modules_work_everywhere(stand):
    device = stand.device(thing_model.modelled_product(stand, MODEL))
    PUBLISH.update({EVENT: 17, CALL + "/ack": 21})
    ACK[EVENT] = EVENT + "_ack"
    client = device.login(subscribe=["model/property/report_ack", "model/property/set", "model/property/ask", ACK[EVENT], CALL])
    assert device.send(client, "model/property/report", {"lamp:power": 1})["Payload"]["Code"] == "200"

    command = queue(device, "set", params={"lamp:power": "off"})
    body = receive(device, client, "model/property/set")
    assert body["Payload"] == {"params": [{"identify": "lamp:power", "value": "0"}]}, body
    acknowledge(device, client, "model/property/set_ack", body["MessageId"])
    in_state(device, command, "done")

    command = queue(device, "ask", params=["lamp:power"])
    asked = receive(device, client, "model/property/ask")
    assert asked["Payload"] == {"params": ["lamp:power"]}, asked
    device.send(client, "model/property/report", {"lamp:power": 0}, message_id=asked["MessageId"])
    assert in_state(device, command, "done")["result"] == {"lamp:power": 0}

    assert device.send(client, EVENT, {"code": 7})["Payload"]["Code"] == "200"
    event = stand.service.items(f"/devices/{device.name}/events")[0]
    assert (event["identifier"], event["params"]) == ("lamp:broken", {"code": 7}), event
    assert device.send(client, EVENT, {"colour": 7})["Payload"]["Code"] == "4001"

    command = queue(device, "call", service="lamp:blink", params={"times": 3})
    body = receive(device, client, CALL)
    assert body["Payload"] == {"servicIdentify": "lamp:blink", "params": {"times": 3}}, body
    acknowledge(device, client, CALL + "/ack", body["MessageId"])
    in_state(device, command, "done")
    assert queue(device, "call", expect=422, service="lamp:blink:x")["errors"][0]["pointer"] == "/service"

    stand.xgate("send", device.name, "set", "lamp:power=1")
    assert receive(device, client, "model/property/set")["Payload"]["params"][0]["value"] == "1"
    stand.xgate("send", device.name, "call", "lamp:blink", "times=2")
    assert receive(device, client, CALL)["Payload"]["params"] == {"times": 2}
    assert "lamp:power" in stand.xgate("properties", device.name).stdout
    history = stand.service.items(f"/devices/{device.name}/history/lamp:power")
    assert [each["value"] for each in history] == [0, 1], history
    assert "lamp:broken" in stand.xgate("events", device.name).stdout


run(model_modules_work_everywhere)
