#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-1: the members of a frame come in any order; unknown ones are ignored and kept with the stored message."""
import itertools
import json

from stand import run


def frame_1_order_is_free_and_unknown_members_are_kept(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    for number, names in enumerate(itertools.permutations(["MessageId", "HeaderCtrl", "Payload", "Version"])):
        members = {"MessageId": number + 1, "HeaderCtrl": 4, "Payload": {"HeaderCtrl": 29, "n": [1, "ü", None]},
                   "Version": "2.0"}
        body = json.dumps({name: members[name] for name in names})
        assert device.send_raw(client, "uplink", body, number + 1)["Payload"]["Code"] == "200", body
    body = '{ "Rssi" : -70,"Version":"2.0","MessageId" : 99 , "Payload":{},"HeaderCtrl":4,"Extra":{"a":[true]}}\r\n'
    assert device.send_raw(client, "uplink", body, 99)["Payload"]["Code"] == "200"
    kept = [m for m in device.messages() if m["message_id"] == 99]
    assert len(kept) == 1 and kept[0]["raw"] == body and kept[0]["payload"] == {}, kept


run(frame_1_order_is_free_and_unknown_members_are_kept)
