#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-6: each code for its cause, and no DeviceSecret with any but 0. (Code 1: database_away_….)"""
from stand import run


def auth_6_codes_tell_what_is_wrong(stand):
    free, listed = stand.product(auth_type=0), stand.product(auth_type=1)
    known = stand.device(listed)
    disabled = stand.device(listed)
    stand.act(disabled, "disable")
    stranger = stand.device(listed, registered=False)

    def code_of(device, request):
        client = device.auth_client().connect().must_subscribe(device.topic("downlink"))
        payload = device.ask(client, request)["Payload"]
        client.disconnect()
        if payload["Code"] != 0:
            assert "DeviceSecret" not in payload and "SessionID" not in payload, payload
        return payload

    newcomer = stand.device(free)
    assert code_of(newcomer, newcomer.auth_request(Type=1))["Code"] == 5
    assert code_of(newcomer, newcomer.auth_request(Type=2))["Code"] == 5
    assert code_of(newcomer, newcomer.auth_request(version="1.0"))["Code"] == 6
    assert code_of(newcomer, newcomer.auth_request(version="2"))["Code"] == 6
    stand.service.api("GET", f"/devices/{newcomer.name}", expect=404)  # a refused request registers nobody
    assert code_of(newcomer, newcomer.auth_request())["Code"] == 0

    assert code_of(stranger, stranger.auth_request()) == {"Code": 4}, "not pre-registered where it must be"
    assert code_of(disabled, disabled.auth_request()) == {"Code": 4}, "disabled"
    assert code_of(known, known.auth_request(NodeEui="a-b")) == {"Code": 4}, "NodeEui illegal"
    assert code_of(known, known.auth_request())["Code"] == 0

    for random in ("x9", 12, {"deep": [1]}):
        reply = code_of(known, known.auth_request(ProductID="0000FFFF", Random=random))
        assert reply == {"Code": 2, "Random": random}, reply


run(auth_6_codes_tell_what_is_wrong)
