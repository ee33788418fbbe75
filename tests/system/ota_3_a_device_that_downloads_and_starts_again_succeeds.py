#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-1…4, the whole way: report, notice, confirmation, download (at once, or in parts), a new start, the report of the
new version. The job counts its devices' states, and a device that has the version already succeeds at once."""
from stand import run
from stand.ota import Firmware, content, job, start, upgrade, upload, wait_state
from stand.waiting import wait_until


def ota_3_a_device_that_downloads_and_starts_again_succeeds(stand):
    product = stand.product()
    whole, parts, ready = (stand.device(product) for _ in range(3))
    body = content(300_000)
    upload(stand, product, "v2", body)
    job_id = start(stand, product, "v2")["job_id"]

    firmware = Firmware(whole).boot()
    assert firmware.install(firmware.notified()) == body
    wait_state(stand, job_id, whole, "succeeded")
    wait_until(lambda: upgrade(stand, job_id, whole)["downloaded_at"], "the download to be noted", every=0.05)
    done = upgrade(stand, job_id, whole)
    assert (done["version_before"], done["version_after"], done["reason"]) == ("v1", "v2", ""), done
    for name in ("released_at", "notified_at", "confirmed_at", "download_started_at", "downloaded_at", "ended_at"):
        assert done[name], name
    assert done["bytes_sent"] == len(body) and done["deadline_at"] is None, done

    firmware = Firmware(parts).boot()
    notice = firmware.notified()
    firmware.confirm(notice)
    assert firmware.download(notice, part=70_000) == body
    wait_state(stand, job_id, parts, "downloading")
    firmware.version = "v2"
    firmware.boot()
    wait_state(stand, job_id, parts, "succeeded")

    Firmware(ready, "v2").boot()
    already = wait_state(stand, job_id, ready, "succeeded")
    assert already["notified_at"] is None and "already" in already["reason"], already

    now = job(stand, job_id)
    assert now["state"] == "done" and now["counts"]["succeeded"] == 3 == now["devices"], now
    firmware.report("v1")
    assert upgrade(stand, job_id, parts)["state"] == "succeeded", "an end stays"


run(ota_3_a_device_that_downloads_and_starts_again_succeeds)
