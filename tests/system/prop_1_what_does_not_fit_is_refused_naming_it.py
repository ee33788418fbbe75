#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1: an unknown identifier, a wrong type and a value out of range are answered 4001 with a Msg that names the
identifier; nothing of the report is stored but the message, as a violation."""
from stand import run
from stand.thing_model import modelled_product


def prop_1_what_does_not_fit_is_refused_naming_it(stand):
    device = stand.device(modelled_product(stand))
    client = device.login(subscribe=["model/property/report_ack"])
    for payload, named in [({"humi": 1, "colour": 1}, "colour"), ({"temp": "hot"}, "temp"), ({"temp": 101}, "temp"),
                           ({"temp": "101"}, "temp"), ({"temp": 20.5}, "temp"), ({"temp": None}, "temp"),
                           ({"power": 2}, "power"), ({"humi": [1]}, "humi"), ({"humi": {"a": 1}}, "humi"),
                           ({"x" * 200: 1}, "xxx"), (5, "Payload"), ([], "Payload"), ("", "Payload")]:
        ack = device.send(client, "model/property/report", payload)
        assert ack["Payload"]["Code"] == "4001" and named in ack["Payload"]["Msg"], (payload, ack)
        newest = device.messages(limit=1)[0]
        assert newest["requirement"] == "PROP-1" and newest["payload"] == payload, newest
        assert newest["reason"] == ack["Payload"]["Msg"] and newest["code"] == "4001", newest
    assert stand.service.items(f"/devices/{device.name}/properties") == []
    assert stand.service.items(f"/devices/{device.name}/history/humi") == []
    assert device.send(client, "model/property/report", {"humi": 1})["Payload"]["Code"] == "200"


run(prop_1_what_does_not_fit_is_refused_naming_it)
