#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-11: every boot of an encrypted device asks again and gets the same secret and a new SessionID and Nonce,
also when it was activated long ago, and also on its V2_ login (TOPIC-2)."""
from stand import run


def auth_11_repeated_request_gets_a_new_session(stand):
    device = stand.device(stand.product(auth_type=1, encrypted=True))
    replies = [device.authenticate()]
    device.login().disconnect()
    for _boot in range(4):
        replies.append(device.authenticate())
        client = device.login(subscribe=["uplink_ack"])
        assert device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"] == "200"
        client.disconnect()
    client = device.login(subscribe=["downlink"])
    replies.append(device.ask(client, device.auth_request())["Payload"])
    assert {reply["DeviceSecret"] for reply in replies} == {device.device_secret}
    assert len({reply["SessionID"] for reply in replies}) == len(replies), "a SessionID came twice"


run(auth_11_repeated_request_gets_a_new_session)
