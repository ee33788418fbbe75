#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-7: a type-0 device that was deleted registers anew with a new secret, and the old one is worth nothing."""
from stand import run
from stand.raw_mqtt import RawClient


def auth_7_deleted_device_registers_anew(stand):
    device = stand.device(stand.product(auth_type=0))
    first = device.authenticate()["DeviceSecret"]
    client = device.login()
    for _time in range(5):
        stand.service.api("DELETE", f"/devices/{device.name}")
        client.wait_closed()
        old = device.v2_credentials()
        second = device.authenticate()["DeviceSecret"]
        assert second != first
        client = device.login()  # at once: the deletion's notice may come after the reply
        raw = RawClient(stand.broker.port)
        assert raw.login(*old) == 5
        raw.close()
        assert not client.closed()
        first = second
    assert device.shown()["device_secret"] == first


run(auth_7_deleted_device_registers_anew)
