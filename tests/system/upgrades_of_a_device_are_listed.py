#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which jobs have taken a device is listed newest first and in pages: state, versions, times and reason of each, by the API and
by `xgate upgrade list --device`."""
import json

from stand import run
from stand.ota import Firmware, content, start, upload, wait_state
from stand.terminal import on_a_terminal


def upgrades_of_a_device_are_listed(stand):
    product = stand.product()
    device, other = stand.device(product), stand.device(product)
    for version, module in (("v2", None), ("v3", None), ("r7", "radio")):
        upload(stand, product, version, content(100), module=module)
    path = f"/devices/{device.name}/upgrades"
    assert stand.service.items(path) == []
    first = start(stand, product, "v2")["job_id"]
    firmware = Firmware(device, "v1").boot()
    firmware.install(firmware.notified())
    wait_state(stand, first, device, "succeeded")
    radio = start(stand, product, "r7", [device], module="radio")["job_id"]
    stand.service.api("POST", f"/upgrades/{radio}/cancel")
    last = start(stand, product, "v3", [device])["job_id"]

    for limit in (1, 2, 3):
        listed = stand.service.items(path, limit=limit)
        assert [u["job_id"] for u in listed] == [last, radio, first], listed
    now, cancelled, done = listed
    assert (done["state"], done["module"], done["version"], done["version_before"], done["version_after"]) == \
        ("succeeded", "default", "v2", "v1", "v2"), done
    assert done["ended_at"] and done["device"] == device.name, done
    assert (cancelled["state"], cancelled["module"], cancelled["reason"]) == ("cancelled", "radio", "the job was cancelled")
    assert now["ended_at"] is None and now["state"] in ("pending", "notified"), now
    assert [u["job_id"] for u in stand.service.items(f"/devices/{other.name}/upgrades")] == [first]
    assert stand.service.request("GET", "/api/v1/devices/FFFFFFFF.nobody/upgrades").status == 404
    assert stand.service.request("GET", f"/api/v1{path}?cursor=x").status == 400

    said = json.loads(stand.xgate("upgrade", "list", "--device", device.name, "--json").stdout)
    assert [u["job_id"] for u in said] == [last, radio, first], said
    lines = [line.split() for line in stand.xgate("upgrade", "list", "--device", device.name).stdout.splitlines()]
    assert [line[:4] for line in lines[2:]] == [[str(radio), "radio", "r7", "cancelled"],
                                                [str(first), "default", "v2", "succeeded"]], lines
    for columns in (80, 120):
        lines = on_a_terminal(stand, columns, "upgrade", "list", "--device", device.name)
        assert max(map(len, lines)) <= columns and "the job was cancelled" in " ".join(lines), lines
    both = stand.xgate("upgrade", "list", "--device", device.name, "--product", product.product_id, ok=False)
    assert both.returncode == 2, both


run(upgrades_of_a_device_are_listed)
