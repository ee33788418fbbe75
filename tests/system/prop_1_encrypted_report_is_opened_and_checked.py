#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1, EVENT-1, HIST-1 with ENC-3: encrypted products' reports are opened before they are checked; a plain one is
refused (ENC-4)."""
from stand import run
from stand.thing_model import modelled_product


def prop_1_encrypted_report_is_opened_and_checked(stand):
    device = stand.device(modelled_product(stand, encrypted=True))
    device.authenticate()
    client = device.login(subscribe=["model/property/report_ack", "model/event/overheat/report_ack",
                                     "model/history/data/report_ack"])
    ack = device.send(client, "model/property/report", device.seal({"temp": 21}))
    assert ack["Payload"] == {"Code": "200", "Msg": "SUCCESS"}, ack
    ack = device.send(client, "model/property/report", device.seal({"temp": 121}))
    assert ack["Payload"]["Code"] == "4001" and "temp" in ack["Payload"]["Msg"], ack
    ack = device.send(client, "model/event/overheat/report", device.seal({"temp": 121}))
    assert ack["Payload"]["Code"] == "200", ack
    history = {"params": [{"properties": [{"temp": {"value": 20, "time": 1524448722000}}]}]}
    assert device.send(client, "model/history/data/report", device.seal(history))["Payload"]["Code"] == "200"
    ack = device.send(client, "model/property/report", {"temp": 22})
    assert ack["Payload"]["Code"] == "4001", ack
    assert device.messages(limit=1)[0]["requirement"] == "ENC-4"
    values = [h["value"] for h in stand.service.items(f"/devices/{device.name}/history/temp")]
    assert values == [21, 20], values
    assert len(stand.service.items(f"/devices/{device.name}/events")) == 1


run(prop_1_encrypted_report_is_opened_and_checked)
