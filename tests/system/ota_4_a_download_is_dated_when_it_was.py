#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: an upgrade that ends at once after its download shows the download before its end, though it is written later."""
from stand import run
from stand.ota import Firmware, content, get, start, upgrade, upload
from stand.waiting import wait_until


def ota_4_a_download_is_dated_when_it_was(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    job_id = start(stand, product, "v2")["job_id"]
    notice = Firmware(device).boot().notified()
    assert get(notice["Payload"]["Url"])[0] == 200
    stand.service.api("POST", f"/upgrades/{job_id}/cancel")

    def written():
        now = upgrade(stand, job_id, device)
        return now if now["downloaded_at"] else None
    shown = wait_until(written, "the download to be written")
    assert shown["state"] == "cancelled", shown
    assert shown["download_started_at"] <= shown["downloaded_at"] <= shown["ended_at"], shown


run(ota_4_a_download_is_dated_when_it_was)
