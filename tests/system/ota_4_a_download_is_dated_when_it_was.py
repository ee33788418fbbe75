#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: an upgrade that ends at once after its download shows the download before its end, though it is written later, and
though whoever ended it looked at another clock: an operator, the device's report, the time limit."""
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

    for version, state, end in (("v3", "cancelled", cancelled), ("v4", "succeeded", reported), ("v5", "timed_out", overdue)):
        upload(stand, product, version, content(1000))
        job_id = start(stand, product, version)["job_id"]
        firmware = Firmware(device).boot()
        notice = firmware.notified()
        firmware.confirm(notice)
        stand.database.sql("UPDATE upgrade SET download_started_at = now() + interval '1 hour', "
                           f"downloaded_at = now() + interval '2 hours' WHERE job_id = {job_id}")
        end(stand, job_id, firmware, version)
        shown = wait_until(lambda j=job_id: ended(upgrade(stand, j, device)), "the upgrade to end")
        assert shown["state"] == state and shown["downloaded_at"] <= shown["ended_at"], shown


def ended(shown):
    return shown if shown["ended_at"] else None


def cancelled(stand, job_id, _firmware, _version):
    stand.service.api("POST", f"/upgrades/{job_id}/cancel")


def reported(_stand, _job_id, firmware, version):
    firmware.version = version
    firmware.boot()


def overdue(stand, job_id, _firmware, _version):
    stand.database.sql(f"UPDATE upgrade SET deadline_at = now() WHERE job_id = {job_id}")


run(ota_4_a_download_is_dated_when_it_was)
