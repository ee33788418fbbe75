#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-3: a report of the old version, made in an earlier life of the broker and repeated from its file after it was killed,
looks like one of a device that started again. It is old, and no verdict."""
from stand import run
from stand.device import frame
from stand.ota import Firmware, content, start, upgrade, upload, wait_state
from stand.waiting import wait_until


def ota_3_a_report_repeated_from_the_brokers_file_is_no_verdict(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    client = device.login()
    stand.service.stop()
    report = {"HardVer": "h1", "SoftVer": "v1", "Type": 2}
    client.publish(device.topic("firmware_report"), frame(8, report, 77))
    client.publish(device.topic("uplink"), frame(4, {"after": "it"}, 78))
    stand.broker.restart()
    stand.service.start()

    def stored():
        return int(stand.database.sql("SELECT count(*) FROM message WHERE message_id = '78'")[0][0])
    wait_until(lambda: stored() == 1, "what waited to be stored")
    job_id = start(stand, product, "v2", [device])["job_id"]
    firmware = Firmware(device, "v1").boot()
    notice = firmware.notified()
    firmware.confirm(notice)
    wait_state(stand, job_id, device, "confirmed")
    stand.broker.kill()
    stand.broker.start()
    wait_until(lambda: stored() == 2, "the broker to repeat what its file holds")
    now = upgrade(stand, job_id, device)
    assert now["state"] == "confirmed", now
    firmware.download(notice)
    firmware.version = "v2"
    firmware.boot()
    wait_state(stand, job_id, device, "succeeded")


run(ota_3_a_report_repeated_from_the_brokers_file_is_no_verdict)
