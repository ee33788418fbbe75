#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-7: the first good request of a type-0 device registers it; a repeated one returns the same secret.
ID-3: NodeEuis differ by case."""
from stand import run


def auth_7_type_0_registers_once(stand):
    product = stand.product(auth_type=0)
    device = stand.device(product, node_eui="Sensor")
    stand.service.api("GET", f"/devices/{device.name}", expect=404)
    first = device.authenticate()
    assert first["Code"] == 0
    shown = device.shown()
    assert shown["device_secret"] == first["DeviceSecret"]
    assert (shown["state"], shown["registered_by"]) == ("unactivated", "device"), shown
    for _repeat in range(3):
        assert device.authenticate()["DeviceSecret"] == first["DeviceSecret"]

    other_case = stand.device(product, node_eui="sensor")
    assert other_case.authenticate()["DeviceSecret"] != first["DeviceSecret"]
    assert len(stand.service.items(f"/products/{product.product_id}/devices")) == 2


run(auth_7_type_0_registers_once)
