#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: cancelling a job ends every live upgrade of it: notices that wait are withdrawn, the download is closed, and the
device is free for another job."""
from stand import run
from stand.ota import Firmware, content, get, job, start, upload, wait_state
from stand.waiting import wait_until


def ota_3_a_cancelled_job_withdraws_its_notices(stand):
    product = stand.product()
    device, waiting = stand.device(product), stand.device(product)
    upload(stand, product, "v2", content(1000))
    upload(stand, product, "v3", content(1000, 3))
    job_id = start(stand, product, "v2")["job_id"]
    stand.service.api("POST", "/upgrades", {"product_id": product.product_id, "version": "v3", "all": True}, expect=409)
    firmware = Firmware(device).boot()
    notice = firmware.notified()
    assert get(notice["Payload"]["Url"])[0] == 200

    # a notice that is queued while its device does not listen
    deaf = waiting.login(subscribe=["firmware_report_ack"])
    waiting.send(deaf, "firmware_report", {"HardVer": "h", "SoftVer": "v1", "Type": 2})
    deaf.disconnect()

    cancelled = stand.service.api("POST", f"/upgrades/{job_id}/cancel")
    assert cancelled["state"] == "cancelled" and cancelled["counts"]["cancelled"] == 2, cancelled
    wait_until(lambda: get(notice["Payload"]["Url"])[0] == 410, "the download to be closed")
    for one in (device, waiting):
        states = {command["state"] for command in stand.service.items(f"/devices/{one.name}/commands")
                  if command["kind"] == "ota_notify"}
        assert states == {"cancelled"}, states
    stand.service.api("POST", f"/upgrades/{job_id}/retry", {}, expect=409)
    stand.service.api("POST", f"/upgrades/{job_id}/advance", {"percent": 100}, expect=409)

    second = start(stand, product, "v3", [waiting])["job_id"]
    late = Firmware(waiting).boot()
    assert late.notified()["Payload"]["SoftVer"] == "v3", "of the cancelled one nothing is left"
    wait_state(stand, second, waiting, "notified")
    assert job(stand, job_id)["counts"]["cancelled"] == 2


run(ota_3_a_cancelled_job_withdraws_its_notices)
