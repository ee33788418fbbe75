#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: when the downloads are over, the service holds none of their files open: a site with many upgrades would run out
of descriptors, and a deleted image would keep its room on the disk."""
import os
import pathlib

from stand import run
from stand.ota import Firmware, content, start, upload
from stand.waiting import wait_until


def ota_4_a_download_that_is_over_holds_no_file(stand):
    product = stand.product()
    devices = [stand.device(product) for _n in range(3)]
    upload(stand, product, "v2", content(20_000))
    start(stand, product, "v2", devices)
    for device in devices:
        firmware = Firmware(device).boot()
        notice = firmware.notified()
        firmware.confirm(notice)
        firmware.download(notice, part=7_000)
    wait_until(lambda: not _open_images(stand.service), "the images to be closed")


def _open_images(service):
    found = []
    for descriptor in pathlib.Path(f"/proc/{service.process.pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if "/firmware/" in target:
            found.append(target)
    return found


run(ota_4_a_download_that_is_over_holds_no_file)
