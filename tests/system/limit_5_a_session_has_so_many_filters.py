#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-5: a session has a hundred filters; the next is refused and told, and the session goes on."""
from stand import run


def limit_5_a_session_has_so_many_filters(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    for number in range(98):
        client.must_subscribe(device.topic(f"model/service/s{number}"))
    assert client.subscribe(device.topic("model/service/s98"))[0] < 128
    assert client.subscribe(device.topic("model/service/s99"))[0] >= 128
    refusal = stand.refused("LIMIT-5", what="subscribe")
    assert "has 100 filters" in refusal["reason"], refusal
    assert device.send(client, "uplink", {"a": 1})["Payload"]["Code"] == "200"


run(limit_5_a_session_has_so_many_filters)
