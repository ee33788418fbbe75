#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: the service may be killed and started again between any two steps of an upgrade: nothing that was said is lost,
nothing is sent twice in a session, and the end is the right one."""
from stand import run
from stand.ota import Firmware, content, start, upgrade, upload, wait_state


def ota_3_a_restart_of_the_service_between_any_two_steps_changes_nothing(stand):
    product = stand.product()
    device = stand.device(product)
    body = content(50_000)

    def restart():
        stand.service.kill()
        stand.service.start()

    upload(stand, product, "v2", body)
    restart()
    job_id = start(stand, product, "v2", [device])["job_id"]
    restart()
    firmware = Firmware(device).boot()
    restart()
    notice = firmware.notified()
    restart()
    firmware.confirm(notice)
    restart()
    assert upgrade(stand, job_id, device)["state"] == "confirmed"
    firmware.report()
    restart()
    assert firmware.download(notice) == body
    restart()
    firmware.report()
    assert upgrade(stand, job_id, device)["state"] in ("confirmed", "downloading")
    firmware.version = "v2"
    stand.service.kill()
    firmware.boot(report=False)
    stand.service.start()
    firmware.report()
    wait_state(stand, job_id, device, "succeeded")
    assert not [topic for topic, _ in firmware.client.unclaimed() if topic.endswith("ota_notify")]


run(ota_3_a_restart_of_the_service_between_any_two_steps_changes_nothing)
