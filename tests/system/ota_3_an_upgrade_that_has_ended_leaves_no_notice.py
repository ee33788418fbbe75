#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: an upgrade that ends before its notice was answered, as the confirmation got lost, takes the notice with it: the
device is not asked again for a version that it has, or has left behind."""
from stand import run
from stand.ota import TOPICS, Firmware, content, start, upload, wait_state


def ota_3_an_upgrade_that_has_ended_leaves_no_notice(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    job_id = start(stand, product, "v2", [device])["job_id"]
    firmware = Firmware(device).boot()
    firmware.download(firmware.notified())  # and no confirmation
    firmware.version = "v2"
    firmware.boot()
    ended = wait_state(stand, job_id, device, "succeeded")
    assert "without having confirmed" in ended["reason"], ended
    notice = next(command for command in stand.service.items(f"/devices/{device.name}/commands")
                  if command["kind"] == "ota_notify")
    assert (notice["state"], notice["reason"]) == ("cancelled", "the upgrade has ended: succeeded"), notice

    firmware.client.drop()
    client = device.login(subscribe=[*TOPICS, "downlink"])
    # commands come in their order: when this one is here, an earlier one would have been
    stand.service.api("POST", f"/devices/{device.name}/commands", {"kind": "down", "data": 1}, expect=201)
    client.next(device.topic("downlink"))
    assert not [topic for topic, _ in client.unclaimed() if topic.endswith("ota_notify")]


run(ota_3_an_upgrade_that_has_ended_leaves_no_notice)
