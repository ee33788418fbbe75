#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: the earlier report sent again before the confirmation is no verdict and brings one notice a session; a report of
the old version in the session of the confirmation is a device at work, however often it comes."""
import json

from stand import run
from stand.ota import Firmware, content, start, upgrade, upload, wait_state


def ota_3_resends_and_periodic_reports_are_no_verdict(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    job_id = start(stand, product, "v2", [device])["job_id"]
    firmware = Firmware(device).boot()
    first = firmware.notified()
    for _ in range(3):
        firmware.report()
    assert upgrade(stand, job_id, device)["state"] == "notified"
    assert not [topic for topic, _ in firmware.client.unclaimed() if topic.endswith("ota_notify")]

    firmware.boot()  # without having answered
    second = firmware.notified()
    assert second["Payload"] == first["Payload"]
    firmware.confirm(second)
    for _ in range(3):
        firmware.report()
        assert upgrade(stand, job_id, device)["state"] == "confirmed"
    firmware.download(second)
    wait_state(stand, job_id, device, "downloading")
    firmware.report()
    assert upgrade(stand, job_id, device)["state"] == "downloading"
    firmware.version = "v2"
    firmware.boot()
    wait_state(stand, job_id, device, "succeeded")
    notes = [message["note"] for message in device.messages() if "note" in message and message["note"]]
    assert any("succeeded" in note for note in notes), json.dumps(device.messages())


run(ota_3_resends_and_periodic_reports_are_no_verdict)
