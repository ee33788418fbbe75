#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-1, ENC-3: an encrypted product's device may report its firmware plain or encrypted; both bring it its upgrade."""
from stand import run
from stand.ota import Firmware, content, start, upload, wait_state


def ota_1_encrypted_devices_report_either_way(stand):
    product = stand.product(encrypted=True)
    upload(stand, product, "v2", content(100))
    for seal in (False, True):
        device = stand.device(product)
        device.authenticate()
        job = start(stand, product, "v2", [device])
        firmware = Firmware(device).boot(report=False)
        firmware.report(seal=seal)
        notice = firmware.notified()
        firmware.confirm(notice)
        firmware.download(notice)
        firmware.boot(report=False)
        firmware.report("v2", seal=seal)
        wait_state(stand, job["job_id"], device, "succeeded")


run(ota_1_encrypted_devices_report_either_way)
