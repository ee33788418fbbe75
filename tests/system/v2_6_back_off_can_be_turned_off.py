#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: a bench that tries wrong passwords all day turns the back-off off."""
from stand import run
from stand.raw_mqtt import RawClient


def v2_6_back_off_can_be_turned_off(stand):
    device = stand.device()
    client_id, username, _password = device.v2_credentials()
    for _failure in range(50):
        raw = RawClient(stand.broker.port)
        assert raw.login(client_id, username, "00" * 16) == 5
        raw.close()
        assert device.raw_login()[0] == 0
    for _failure in range(30):
        raw = RawClient(stand.broker.port)
        assert raw.login(client_id, username, "00" * 16) == 5
        raw.close()
    assert device.raw_login()[0] == 0


run(v2_6_back_off_can_be_turned_off,
    broker_options=["--login-longest-backoff", "0", "--login-failures-per-address", "0"])
