#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-4: an ack repeats the HeaderCtrl, its Code is a JSON string, "200"/"SUCCESS" or "4001" with the reason."""
from stand import run
from stand.device import PUBLISH


def frame_4_acks_have_the_protocols_shape(stand):
    device = stand.device()
    client = device.login(subscribe=["+"])
    for suffix, payload in [("uplink", {"power": 99}), ("firmware_report", {"HardVer": "v1", "SoftVer": "v2", "Type": 2})]:
        assert device.send(client, suffix, payload, 1231) == {
            "MessageId": 1231, "HeaderCtrl": PUBLISH[suffix], "Version": "2.0",
            "Payload": {"Code": "200", "Msg": "SUCCESS"}}
    failure = device.send(client, "firmware_report", {"HardVer": 1}, "x1")
    assert set(failure) == {"MessageId", "HeaderCtrl", "Payload", "Version"}, failure
    assert (failure["MessageId"], failure["HeaderCtrl"], failure["Version"]) == ("x1", 8, "2.0")
    assert set(failure["Payload"]) == {"Code", "Msg"} and failure["Payload"]["Code"] == "4001", failure
    assert failure["Payload"]["Msg"], "tells why"


run(frame_4_acks_have_the_protocols_shape)
