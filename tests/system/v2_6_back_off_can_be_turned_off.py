#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: a bench that tries wrong passwords all day turns the back-off off: each of them counts, and is judged by itself."""
from stand import run
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until


def v2_6_back_off_can_be_turned_off(stand):
    device = stand.device()
    client_id, username, _password = device.v2_credentials()
    for _failure in range(50):
        raw = RawClient(stand.broker.port)
        assert raw.login(client_id, username, "00" * 16) == 5
        raw.close()
    assert device.raw_login()[0] == 0
    told = wait_until(lambda: (items := stand.service.items("/refusals", limit=200)) and len(items) == 50 and items, "all of them on record")
    assert {item["requirement"] for item in told} == {"V2-2"}, told
    assert not any("counts at" in item["reason"] for item in told), told


run(v2_6_back_off_can_be_turned_off,
    broker_options=["--login-longest-backoff", "0", "--login-failures-per-address", "0"])
