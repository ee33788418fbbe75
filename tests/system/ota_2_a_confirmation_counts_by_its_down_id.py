#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-2: ota_notify_ack with the DownID that was told confirms the upgrade. Another device's DownID, an unknown one and
nonsense are kept as violations and change nothing; a confirmation that comes late is kept and harmless."""
from stand import run
from stand.ota import Firmware, content, start, upgrade, upload


def ota_2_a_confirmation_counts_by_its_down_id(stand):
    product = stand.product()
    device, thief = stand.device(product), stand.device(product)
    upload(stand, product, "v2", content(100))
    job = start(stand, product, "v2", [device])["job_id"]
    firmware, other = Firmware(device).boot(), Firmware(thief).boot()
    notice = firmware.notified()

    def last(of):
        return next(message for message in of.messages() if message["topic"].endswith("ota_notify_ack"))

    other.confirm(notice)
    assert (last(thief)["requirement"], last(thief)["payload"]) == ("OTA-2", {"DownID": notice["Payload"]["DownID"]})
    firmware.confirm(notice, DownID="E0C040B1")
    assert last(device)["requirement"] == "OTA-2"
    for nonsense in ("E0C040B1", {}, {"DownID": 7}, {"DownID": ""}):
        firmware.acknowledge(nonsense)
        assert last(device)["requirement"] == "OTA-2", nonsense
    assert upgrade(stand, job, device)["state"] == "notified"

    firmware.confirm(notice)
    assert last(device)["requirement"] is None and upgrade(stand, job, device)["state"] == "confirmed"
    commands = stand.service.items(f"/devices/{device.name}/commands")
    assert [c["state"] for c in commands if c["kind"] == "ota_notify"] == ["done"], commands
    firmware.confirm(notice)
    assert last(device)["requirement"] is None, "a duplicate is no violation"

    stand.service.api("POST", f"/upgrades/{job}/cancel")
    firmware.confirm(notice)
    assert last(device)["requirement"] is None, "nor is a late one"
    assert upgrade(stand, job, device)["state"] == "cancelled"


run(ota_2_a_confirmation_counts_by_its_down_id)
