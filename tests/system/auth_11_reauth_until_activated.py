#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-11: with reauth = until_activated an activated device is answered Code 4 until an operator resets it."""
from stand import run
from stand.waiting import wait_until


def auth_11_reauth_until_activated(stand):
    device = stand.device(stand.product(auth_type=1, reauth="until_activated"))
    secret = device.authenticate()["DeviceSecret"]
    assert device.authenticate()["Code"] == 0, "not activated yet"
    client = device.login()
    wait_until(lambda: device.shown()["activated_at"], "activation")
    assert device.authenticate() == {"Code": 4}

    stand.act(device, "reset")
    client.wait_closed()
    wait_until(lambda: device.shown()["state"] == "unactivated", "the device unactivated")
    reply = device.authenticate()
    assert reply == {"Code": 0, "DeviceSecret": secret}, reply
    device.login().disconnect()


run(auth_11_reauth_until_activated)
