#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-5: HeaderCtrl 1, the request's MessageId, Payload {Code, DeviceSecret}; encrypted also SessionID (string)
and Nonce (int). Code is a JSON number here."""
import re

from stand import run


def auth_5_reply_has_the_protocols_shape(stand):
    for encrypted in (False, True):
        device = stand.device(stand.product(auth_type=0, encrypted=encrypted))
        client = device.auth_client().connect().must_subscribe(device.topic("downlink"))
        for message_id in (1, 2147483647, "a string", "1231"):
            reply = device.ask(client, device.auth_request(message_id=message_id))
            assert set(reply) == {"MessageId", "HeaderCtrl", "Payload", "Version"}, reply
            assert reply["MessageId"] == message_id and type(reply["MessageId"]) is type(message_id), reply
            assert reply["HeaderCtrl"] == 1 and reply["Version"] == "2.0", reply
            payload = reply["Payload"]
            assert payload["Code"] == 0 and type(payload["Code"]) is int, payload
            assert re.fullmatch("[0-9A-F]{32}", payload["DeviceSecret"]), "ID-4"
            if encrypted:
                assert set(payload) == {"Code", "DeviceSecret", "SessionID", "Nonce"}, payload
                assert type(payload["SessionID"]) is str and type(payload["Nonce"]) is int, payload
            else:
                assert set(payload) == {"Code", "DeviceSecret"}, payload
            device.learn(payload)


run(auth_5_reply_has_the_protocols_shape)
