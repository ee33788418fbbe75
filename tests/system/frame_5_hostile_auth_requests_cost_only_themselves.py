#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-5, AUTH-5 on /sys/device/auth: hostile requests are recorded and the next good one is answered; Code is a number in
every reply."""
import json

from stand import run
from stand.device import AUTH_TOPIC


def frame_5_hostile_auth_requests_cost_only_themselves(stand):
    product = stand.product(auth_type=0, encrypted=True)
    device = stand.device(product)
    client = device.auth_client().connect().must_subscribe(device.topic("downlink"))
    request = json.loads(device.auth_request())
    payload = request["Payload"]
    bodies = [b"", b"x", b"[" * 100000, b"\xff" * 100, bytes(100), b"{}", b'{"MessageId":1}',
              b'{"MessageId":1,"MessageId":2}', b'"' + b"y" * 300000 + b'"']
    for change in ({"OpenID": None}, {"OpenID": 7}, {"NodeEui": ["a"]}, {"NodeEui": "x" * 100000}, {"Type": "0"},
                   {"Type": 0.5}, {"Type": 1 << 62}, {"Type": -1}, {"Type": None}, {"ProductID": {}},
                   {"NodeEui": "a'; DROP TABLE device; --"}, {"NodeEui": "\u0000"}):
        bodies.append(json.dumps({**request, "Payload": {**payload, **change}}).encode())
    for change in ({"Payload": None}, {"Payload": "ABCD"}, {"Payload": []}, {"HeaderCtrl": 4}, {"Version": 2.0},
                   {"HeaderCtrl": "1"}):
        bodies.append(json.dumps({**request, **change}).encode())
    for body in bodies:
        client.publish(AUTH_TOPIC, body, wait=False)
    reply = device.ask(client, device.auth_request(message_id="good"))
    assert reply["Payload"]["Code"] == 0, reply
    client.publish(AUTH_TOPIC, '{"MessageId":77,"HeaderCtrl":1,"Payload":{},"Version":"2.0"}')
    assert json.loads(client.next(device.topic("downlink"), lambda m: json.loads(m.payload)["MessageId"] == 77).payload) == {
        "MessageId": 77, "HeaderCtrl": 1, "Version": "2.0", "Payload": {"Code": 4001, "Msg": "OpenID is missing"}}
    # whatever was answered before tells no secret
    for _topic, body in client.unclaimed():
        answer = json.loads(body)["Payload"]
        assert type(answer["Code"]) is int and answer["Code"] != 0 and "DeviceSecret" not in answer and "SessionID" not in answer, answer
    assert len(stand.service.items(f"/products/{product.product_id}/devices")) == 1


run(frame_5_hostile_auth_requests_cost_only_themselves, broker_options=["--auth-requests-per-minute", "0"])
