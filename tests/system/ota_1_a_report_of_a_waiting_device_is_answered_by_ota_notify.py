#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-1: a firmware report of a device with a pending upgrade of that module brings ota_notify, as §5.3.1 has it; a
report of another module, or of a device without an upgrade, does not; Module is left out for `default`."""
import hashlib

from stand import run
from stand.ota import Firmware, content, start, upload, wait_state


def ota_1_a_report_of_a_waiting_device_is_answered_by_ota_notify(stand):
    product = stand.product()
    device, other = stand.device(product), stand.device(product)
    body = content(5000)
    upload(stand, product, "v2.1.4", body, name="BOX_103 固件.bin")
    upload(stand, product, "r7", content(10, 2), module="radio")
    main = start(stand, product, "v2.1.4", [device])
    radio = start(stand, product, "r7", [device], module="radio")
    assert (main["state"], main["devices"], main["counts"]["pending"]) == ("running", 1, 1), main

    firmware = Firmware(device, "v2.1.3").boot()
    notice = firmware.notified()
    payload = notice["Payload"]
    assert notice["HeaderCtrl"] == 9 and notice["Version"] == "2.0" and isinstance(notice["MessageId"], int)
    assert list(payload) == ["Type", "Url", "SoftVer", "SoftSize", "MD5", "DownID", "firmwareName"], payload
    assert (payload["Type"], payload["SoftVer"], payload["SoftSize"]) == (2, "v2.1.4", 5000)
    assert payload["MD5"] == hashlib.md5(body).hexdigest()
    assert payload["firmwareName"] == "BOX_103 固件.bin"
    assert payload["Url"] == f"http://127.0.0.1:{stand.service.download_port}/ota/{payload['DownID']}"
    assert wait_state(stand, main["job_id"], device, "notified")["version_before"] == "v2.1.3"
    wait_state(stand, radio["job_id"], device, "pending")

    firmware.module, firmware.version = "radio", "r6"
    firmware.report()
    second = firmware.notified()["Payload"]
    assert (second["Module"], second["SoftVer"]) == ("radio", "r7") and second["DownID"] != payload["DownID"]

    stranger = Firmware(other).boot()
    firmware.module, firmware.version = "gps", "g1"
    firmware.report()
    assert not [topic for client in (stranger.client, firmware.client) for topic, _ in client.unclaimed()
                if topic.endswith("ota_notify")]


run(ota_1_a_report_of_a_waiting_device_is_answered_by_ota_notify)
