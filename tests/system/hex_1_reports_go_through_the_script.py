#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-1, HEX-4: a hex report is decoded by the product's script and then what its JSON would have been: properties (18,
the source's own frame), an event (19), the reply to a call (26), each acked with its own HeaderCtrl; what the script
gives is checked by HeaderCtrl and by the thing model."""
from stand import run
from stand.hex_product import ALARM, PROPERTIES, REPLY, scripted_product

SUCCESS = {"Code": "200", "Msg": "SUCCESS"}


def hex_1_reports_go_through_the_script(stand):
    device = stand.device(scripted_product(stand))
    client = device.login(subscribe=["model/hex/report_ack"])

    def send(payload, header_ctrl, message_id=None):
        return device.send(client, "model/hex/report", payload, message_id, header_ctrl)

    assert send(PROPERTIES, 18, 1231) == {"MessageId": 1231, "HeaderCtrl": 18, "Payload": SUCCESS, "Version": "2.0"}
    latest = {p["identifier"]: p["value"] for p in stand.service.items(f"/devices/{device.name}/properties")}
    assert latest == {"prop_int16": -3841, "prop_bool": 1, "prop_float": 1.25}, latest
    ack = send(ALARM, 19, "an id")
    assert (ack["MessageId"], ack["HeaderCtrl"], ack["Payload"]) == ("an id", 19, SUCCESS), ack
    event, = stand.service.items(f"/devices/{device.name}/events")
    assert (event["identifier"], event["type"], event["params"]) == ("alarm", "alert", {"code": 7}), event
    ack = send(REPLY, 26)
    assert (ack["HeaderCtrl"], ack["Payload"]) == (26, SUCCESS), ack

    for payload, header_ctrl, requirement, said in (
            (ALARM, 18, "HEX-1", "HeaderCtrl 18 says properties"), (PROPERTIES, 19, "HEX-1", "HeaderCtrl 19"),
            (PROPERTIES, 26, "HEX-1", "HeaderCtrl 26"), ("0000000144a00000", 18, "PROP-1", "prop_float"),
            ("99", 18, "HEX-4", "there is no frame 153"), ("", 18, "TOPIC-14", "hex digits"),
            ("00f", 18, "TOPIC-14", "hex digits"), ({"a": 1}, 18, "TOPIC-14", "hex digits")):
        ack = send(payload, header_ctrl)
        assert ack["Payload"]["Code"] == "4001" and said in ack["Payload"]["Msg"], (payload, ack)
        message = device.messages(limit=1)[0]
        assert message["requirement"] == requirement and message["code"] == "4001", message
    assert {p["identifier"]: p["value"]
            for p in stand.service.items(f"/devices/{device.name}/properties")} == latest, "refused, and changed nothing"
    assert send(PROPERTIES.lower(), 18)["Payload"] == SUCCESS


run(hex_1_reports_go_through_the_script)
