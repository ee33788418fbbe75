#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-7, V2-4: disabling or deleting a device, or disabling its product, ends its live session, and
spares everybody else."""
from stand import run
from stand.waiting import wait_until


def id_7_disabling_or_deleting_kicks(stand):
    product, other = stand.product(auth_type=1), stand.product(auth_type=1)
    disabled, deleted, spared = (stand.device(product) for _ in range(3))
    bystander = stand.device(other)
    clients = {device: device.login() for device in (disabled, deleted, spared, bystander)}

    stand.act(disabled, "disable")
    clients[disabled].wait_closed()
    shown = wait_until(lambda: not (s := disabled.shown())["online"] and s, "offline")
    assert shown["state"] == "disabled" and not shown["enabled"], shown
    assert disabled.raw_login()[0] == 5

    stand.service.api("DELETE", f"/devices/{deleted.name}")
    clients[deleted].wait_closed()
    stand.service.api("GET", f"/devices/{deleted.name}", expect=404)
    assert deleted.raw_login()[0] == 5
    assert not clients[spared].closed()

    stand.change_product(product, enabled=False)
    clients[spared].wait_closed()
    assert spared.raw_login()[0] == 5
    assert not clients[bystander].closed()

    stand.change_product(product, enabled=True)
    stand.act(disabled, "enable")
    wait_until(lambda: disabled.shown()["state"] == "offline", "enabled again, and offline")
    for device in (disabled, spared):
        assert device.raw_login()[0] == 0
    clients[bystander].must_subscribe(bystander.topic("uplink_ack"))


run(id_7_disabling_or_deleting_kicks)
