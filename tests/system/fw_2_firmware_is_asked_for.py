#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FW-2: the platform asks for the firmware's version with an empty Payload; the firmware report that follows settles it, whether
it repeats the MessageId or brings one of its own, and is stored like any."""
from stand import run
from stand.commands import in_state, queue, receive
from stand.waiting import wait_until

REPORT = {"HardVer": "v1.0.1", "SoftVer": "v2.1.3", "Type": 2}


def fw_2_firmware_is_asked_for(stand):
    device = stand.device()
    client = device.login(subscribe=["ask_firmware", "firmware_report_ack"])
    device.send(client, "firmware_report", REPORT, 1)  # before: no answer
    for message_id in (None, 55):
        command = queue(device, "firmware_ask")
        body = receive(device, client, "ask_firmware")
        assert body["HeaderCtrl"] == 13 and body["Payload"] == {}, body
        assert in_state(device, command, "sent")["answers"] == 0
        report = {**REPORT, "SoftVer": f"v3.{message_id}"}
        device.send(client, "firmware_report", report, message_id or body["MessageId"])
        assert in_state(device, command, "done")["result"] == report
        wait_until(lambda: [f["soft_ver"] for f in device.shown()["firmware"]] == [report["SoftVer"]], "stored")


run(fw_2_firmware_is_asked_for)
