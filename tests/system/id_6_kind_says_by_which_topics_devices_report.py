#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-6: a transparent or HEX product's device that reports on a JSON thing model's topics is answered 4001, and so is
a transparent or JSON product's on the HEX topics; both are violations."""
import json

from stand import run
from stand.device import ACK

JSON_TOPICS = {"model/property/report": {"temp": 1}, "model/event/overheat/report": {"temp": 1},
               "model/history/data/report": {"params": []}}


def id_6_kind_says_by_which_topics_devices_report(stand):
    for kind in ("transparent", "json", "hex"):
        device = stand.device(stand.product(kind=kind))
        client = device.login(subscribe=[*(ACK[suffix] for suffix in JSON_TOPICS), "model/hex/report_ack",
                                         "model/hex_ack", "uplink_ack"])
        for suffix, payload in JSON_TOPICS.items():
            code = device.send(client, suffix, payload)["Payload"]["Code"]
            assert code == ("200" if kind == "json" else "4001"), (kind, suffix)
            if kind != "json":
                assert device.messages(limit=1)[0]["requirement"] == "ID-6"
        if kind != "hex":
            ack = device.send(client, "model/hex/report", "00f0ff013FA00000")
            assert ack["Payload"]["Code"] == "4001" and "ID-6" in ack["Payload"]["Msg"], ack
            client.publish(device.topic("model/hex"), '"00f0ff013FA00000"')
            ack = json.loads(client.next(device.topic("model/hex_ack")).payload)
            assert ack["Payload"]["Code"] == "4001" and device.messages(limit=1)[0]["requirement"] == "ID-6", ack
        assert device.send(client, "uplink", {"a": 1})["Payload"]["Code"] == "200", "anybody's"
        assert stand.service.items(f"/devices/{device.name}/properties") == [] or kind == "json"


run(id_6_kind_says_by_which_topics_devices_report)
