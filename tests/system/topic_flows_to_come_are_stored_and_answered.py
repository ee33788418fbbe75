#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TOPIC-10…14: what arrives on topics whose flows are not there yet is stored, answered 4001 on the row's ack topic
with the request's MessageId and HeaderCtrl; acks of the device are stored without an answer."""
import json

from stand import run
from stand.device import ACK, PUBLISH, frame
from stand.waiting import wait_until

HEADER_CTRLS = {"model/hex/report": (18, 19, 26), "model/hex/downlink_ack": (22, 24, 25)}


def topic_flows_to_come_are_stored_and_answered(stand):
    device = stand.device(stand.product(kind="json"))
    there = ("model/property/report", "model/event/overheat/report", "model/history/data/report")
    later = [suffix for suffix in PUBLISH if suffix.startswith("model/") and suffix not in there]
    later.append("config_report")
    client = device.login(subscribe=[ACK[suffix] for suffix in later if suffix in ACK])
    message_id, expected = 100, []
    for suffix in later:
        for header_ctrl in HEADER_CTRLS.get(suffix, (PUBLISH[suffix],)):
            message_id += 1
            if suffix == "model/hex":
                client.publish(device.topic(suffix), '"00f0ff013FA00000"')
                ack = json.loads(client.next(device.topic("model/hex_ack")).payload)
                assert ack["HeaderCtrl"] == 28 and type(ack["MessageId"]) is int, ack
                assert 1 <= ack["MessageId"] < 1 << 31, ack
                expected.append((device.topic(suffix), None))
            else:
                payload = "00f0" if "hex" in suffix else {"Code": "200", "Msg": "SUCCESS"}
                if suffix in ACK:
                    ack = device.send(client, suffix, payload, message_id, header_ctrl)
                    assert ack["HeaderCtrl"] == header_ctrl and ack["Payload"]["Code"] == "4001", ack
                    assert ack["Payload"]["Msg"] not in ("", "SUCCESS"), ack
                else:
                    client.publish(device.topic(suffix), frame(header_ctrl, payload, message_id))
                expected.append((device.topic(suffix), message_id))

    def stored():
        there = [(m["topic"], m["message_id"]) for m in device.messages()]
        return [e for e in expected if e not in there] == []
    wait_until(stored, f"all of {expected} stored")
    assert client.unclaimed() == []


run(topic_flows_to_come_are_stored_and_answered)
