#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: a device that confirmed, started again and reports another version has failed, and the reason names both; a
retry begins anew with another DownID, and may succeed."""
from stand import run
from stand.ota import Firmware, content, get, job, start, upload, wait_state
from stand.waiting import wait_until


def ota_3_another_version_after_a_start_is_failure_and_can_be_retried(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    job_id = start(stand, product, "v2", [device])["job_id"]
    firmware = Firmware(device, "v1").boot()
    notice = firmware.notified()
    firmware.confirm(notice)
    firmware.download(notice)
    firmware.version = "v1.0-rescue"
    firmware.boot()
    failed = wait_state(stand, job_id, device, "failed")
    assert "v1.0-rescue" in failed["reason"] and "v2" in failed["reason"], failed
    assert job(stand, job_id)["counts"]["failed"] == 1
    wait_until(lambda: get(notice["Payload"]["Url"])[0] == 410, "the download to be closed")

    again = stand.service.api("POST", f"/upgrades/{job_id}/retry", {})
    assert again["counts"]["pending"] == 1, again
    asked = firmware.client.next(device.topic("ask_firmware"))
    assert asked, "it is online, so it is asked for its version (FW-2)"
    firmware.report()
    second = firmware.notified()
    assert second["Payload"]["DownID"] != notice["Payload"]["DownID"]
    firmware.install(second)
    assert wait_state(stand, job_id, device, "succeeded")["attempt"] == 2
    stand.service.api("POST", f"/upgrades/{job_id}/retry", {}, expect=409)


run(ota_3_another_version_after_a_start_is_failure_and_can_be_retried)
