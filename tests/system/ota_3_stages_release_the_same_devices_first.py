#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: a job releases its devices in stages, by percentage or by number of all its devices; who is released stays so,
others are not told; devices that are online when they are released are asked for their version (FW-2)."""
from stand import run
from stand.ota import Firmware, content, job, start, upload, wait_state
from stand.waiting import wait_until


def ota_3_stages_release_the_same_devices_first(stand):
    product = stand.product()
    devices = [stand.device(product) for _ in range(10)]
    upload(stand, product, "v2", content(100))
    online = {device.name: Firmware(device).boot() for device in devices[:3]}
    for name in online:  # the broker tells the service a moment later
        wait_until(lambda name=name: stand.service.api("GET", f"/devices/{name}")["online"], f"{name} to be online")
    first = start(stand, product, "v2", percent=25)
    job_id = first["job_id"]
    assert (first["devices"], first["released"]) == (10, 3), first

    def released():
        return {item["device"] for item in stand.service.items(f"/upgrades/{job_id}/devices") if item["released_at"]}

    chosen = released()
    assert len(chosen) == 3
    held = next(device for device in devices if device.name not in chosen)
    firmware = online.get(held.name) or Firmware(held).boot(report=False)
    firmware.report()
    refused = stand.service.api("POST", f"/upgrades/{job_id}/advance", {"count": 2}, expect=409)
    assert "has released 3 of its 10 devices" in refused["detail"] and "nothing was changed" in refused["detail"], refused
    assert stand.service.api("POST", f"/upgrades/{job_id}/advance", {"count": 3})["released"] == 3, "as it is"
    assert stand.service.api("POST", f"/upgrades/{job_id}/advance", {"count": 4})["released"] == 4
    assert stand.service.api("POST", f"/upgrades/{job_id}/advance", {"percent": 70})["released"] == 7
    assert chosen <= released()
    wait_state(stand, job_id, held, "pending") if held.name not in released() else None
    assert stand.service.api("POST", f"/upgrades/{job_id}/advance", {"percent": 100})["released"] == 10
    for one in online.values():
        one.client.next(one.device.topic("ask_firmware"))
        one.report()
        one.notified()
    for wrong in ({}, {"percent": 0}, {"percent": 101}, {"count": 0}, {"percent": 1, "count": 1}):
        stand.service.api("POST", f"/upgrades/{job_id}/advance", wrong, expect=422)
    assert job(stand, job_id)["counts"]["notified"] >= 3


run(ota_3_stages_release_the_same_devices_first)
