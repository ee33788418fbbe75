#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FW-1: versions are stored per module, a missing Module means `default`, and so does one that is "" or null; every report is acked, and a resend changes
nothing."""
from stand import run


def fw_1_firmware_is_stored_per_module(stand):
    device = stand.device()
    client = device.login(subscribe=["firmware_report_ack"])

    def report(**payload):
        ack = device.send(client, "firmware_report", payload)
        assert ack["HeaderCtrl"] == 8
        return ack["Payload"]["Code"]

    def shown():
        return {f["module"]: (f["hard_ver"], f["soft_ver"]) for f in device.shown()["firmware"]}

    assert report(HardVer="v1.0.1", SoftVer="v2.1.3", Type=2) == "200"
    assert shown() == {"default": ("v1.0.1", "v2.1.3")}
    assert report(HardVer="h2", SoftVer="s2", Type=2, Module="module1") == "200"
    assert report(HardVer="h3", SoftVer="s3", Type=2, Module="模块") == "200"
    assert shown() == {"default": ("v1.0.1", "v2.1.3"), "module1": ("h2", "s2"), "模块": ("h3", "s3")}
    changed = stand.database.sql("SELECT module, changed_at FROM firmware ORDER BY 1")
    for _resend in range(3):
        assert report(HardVer="v1.0.1", SoftVer="v2.1.3", Type=2, Module="default") == "200"
    assert stand.database.sql("SELECT module, changed_at FROM firmware ORDER BY 1") == changed
    assert report(HardVer="v1.0.1", SoftVer="v2.1.4", Type=2) == "200"
    assert shown()["default"] == ("v1.0.1", "v2.1.4")
    assert stand.database.sql("SELECT module, changed_at FROM firmware ORDER BY 1") != changed

    for nothing, version in (("", "s4"), (None, "s5")):
        assert report(HardVer="h", SoftVer=version, Type=2.0, Module=nothing) == "200"
        assert shown()["default"] == ("h", version)

    before = shown()
    for wrong in ({}, {"HardVer": "1"}, {"SoftVer": "1"}, {"HardVer": 1, "SoftVer": "1", "Type": 2},
                  {"HardVer": "1", "SoftVer": None, "Type": 2}, {"HardVer": "1", "SoftVer": "1", "Type": 2, "Module": 7},
                  {"HardVer": "1", "SoftVer": "1", "Type": "2"}):
        assert report(**wrong) == "4001", wrong
    assert shown() == before
    for message in device.messages()[:7]:
        assert message["code"] == "4001" and message["requirement"] == "FW-1", message


run(fw_1_firmware_is_stored_per_module)
