#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: a DownID is all that a download needs. A token of role read is told none, neither with the upgrades of a job or a device
nor by what the device said; one of role operate is."""
from stand import run
from stand.ota import Firmware, content, start, upgrade, upload


def ota_4_who_only_looks_on_is_told_no_down_id(stand):
    device = stand.device(stand.product())
    upload(stand, device.product, "v2", content(100))
    job = start(stand, device.product, "v2", [device])["job_id"]
    firmware = Firmware(device).boot()
    notice = firmware.notified()
    firmware.confirm(notice)
    down_id = notice["Payload"]["DownID"]
    firmware.client.must_subscribe(device.topic("uplink_ack"))
    device.send(firmware.client, "uplink", {"why": f"DownID {down_id}"})
    assert upgrade(stand, job, device)["down_id"] == down_id

    tokens = {role: stand.service.api("POST", "/tokens", {"name": role, "role": role})["token"] for role in ("read", "operate")}
    shown = {f"/upgrades/{job}": False, f"/upgrades/{job}/devices": True, f"/devices/{device.name}/upgrades": True,
             f"/devices/{device.name}/commands": True, "/commands/1": True, f"/devices/{device.name}/messages": True, "/messages": True,
             "/messages?after=earliest": True, f"/products/{device.product.product_id}/messages": True}
    for path, told in shown.items():
        for role, token in tokens.items():
            answer = stand.service.request("GET", "/api/v1" + path, token=token)
            assert answer.status == 200 and (down_id in answer.body.decode()) == (told and role == "operate"), (role, answer)
    answer = stand.service.request("GET", f"/api/v1/upgrades/{job}/devices", token=tokens["read"])
    assert answer.json["items"][0]["down_id"] is None, answer
    messages = stand.service.request("GET", f"/api/v1/devices/{device.name}/messages", token=tokens["read"]).json["items"]
    hidden = [one for one in messages if one["payload"] is one["payload_text"] is None and one["raw"] == ""]
    assert [one["topic"].rpartition("/")[2] for one in hidden] == ["uplink", "ota_notify_ack"] and len(messages) > 2, messages


run(ota_4_who_only_looks_on_is_told_no_down_id)
