#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-3: Version is "2.0" and HeaderCtrl fits the topic; anything else is answered 4001, recorded, and changes
nothing."""
from stand import run
from stand.device import ACK


def frame_3_version_and_header_ctrl_must_fit(stand):
    device = stand.device()
    rows = [suffix for suffix in ACK if suffix != "model/hex"]
    client = device.login(subscribe=[ACK[suffix] for suffix in rows])
    message_id = 0
    for suffix in rows:
        for header_ctrl in (0, 1, 3, 5, 7, -4, 2**40):
            message_id += 1
            ack = device.send(client, suffix, {"HardVer": "1", "SoftVer": "1", "Type": 2}, message_id, header_ctrl)
            assert ack["Payload"]["Code"] == "4001" and "HeaderCtrl" in ack["Payload"]["Msg"], (suffix, ack)
    for version in ('"1.0"', '"2"', '"2.00"', "2.0", "2", "null", '""', "[]"):
        message_id += 1
        body = '{"MessageId":%d,"HeaderCtrl":4,"Payload":{},"Version":%s}' % (message_id, version)
        ack = device.send_raw(client, "uplink", body, message_id)
        assert ack["Payload"]["Code"] == "4001" and "Version" in ack["Payload"]["Msg"], (version, ack)
    for body in ('{"MessageId":%d,"HeaderCtrl":4,"Payload":{}}', '{"MessageId":%d,"Payload":{},"Version":"2.0"}',
                 '{"MessageId":%d,"HeaderCtrl":"4","Payload":{},"Version":"2.0"}',
                 '{"MessageId":%d,"HeaderCtrl":4.5,"Payload":{},"Version":"2.0"}',
                 '{"MessageId":%d,"HeaderCtrl":4,"Version":"2.0"}'):
        message_id += 1
        ack = device.send_raw(client, "uplink", body % message_id, message_id)
        assert ack["Payload"]["Code"] == "4001" and ack["HeaderCtrl"] == 4, (body, ack)
    stored = device.messages()
    assert len(stored) == message_id, (len(stored), message_id)
    assert all(m["code"] == "4001" and m["requirement"].startswith("FRAME-") and m["reason"] for m in stored)
    assert device.shown()["firmware"] == []


run(frame_3_version_and_header_ctrl_must_fit)
