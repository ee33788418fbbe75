#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: an upgrade whose device does not come, or does not go on, is timed out by the job's limit, which also ends its
right to download; a report of the new version after that changes nothing, a retry begins anew."""
from stand import run
from stand.ota import Firmware, content, get, start, upgrade, upload, wait_state


def ota_3_the_time_limit_ends_what_does_not_come(stand):
    product = stand.product()
    absent, stuck = stand.device(product), stand.device(product)
    upload(stand, product, "v2", content(1000))
    job_id = start(stand, product, "v2", time_limit_s=3)["job_id"]
    firmware = Firmware(stuck).boot()
    notice = firmware.notified()
    firmware.confirm(notice)
    assert "reported its version" in wait_state(stand, job_id, absent, "timed_out")["reason"]
    assert "reported the new version" in wait_state(stand, job_id, stuck, "timed_out")["reason"]
    assert get(notice["Payload"]["Url"])[0] == 410
    firmware.report("v2")
    assert upgrade(stand, job_id, stuck)["state"] == "timed_out"
    stand.service.api("POST", f"/upgrades/{job_id}/retry", {"devices": [stuck.name]})
    firmware.report("v2")
    wait_state(stand, job_id, stuck, "succeeded")
    assert upgrade(stand, job_id, absent)["state"] == "timed_out"


run(ota_3_the_time_limit_ends_what_does_not_come)
