#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A new upgrade job says whom it left out and why, counted by reason and the first of them by name, by API and command line:
devices that another job upgrades, and, of all devices, those that report the version already. One that is named is taken
all the same, and has succeeded at its next report."""
from stand import run
from stand.ota import Firmware, content, start, upload, wait_state


def upgrades_say_whom_they_leave_out(stand):
    product = stand.product()
    devices = [stand.device(product) for _ in range(5)]
    new, other_module, busy, free, silent = devices
    for version, module in (("v2", None), ("v2", "radio")):
        upload(stand, product, version, content(100), module=module)
    there = Firmware(new, "v2").boot()
    Firmware(other_module, "v2", module="radio").boot()
    Firmware(free, "v1").boot()
    first = start(stand, product, "v2", [busy])
    assert first["left_out"] == {"has_version": 0, "in_job": 0, "devices": []}, first
    number = first["job_id"]

    job = start(stand, product, "v2")
    assert job["devices"] == 3, job
    assert job["left_out"] == {"has_version": 1, "in_job": 1, "devices": [
        {"device": new.name, "reason": "has_version", "job_id": None},
        {"device": busy.name, "reason": "in_job", "job_id": number}]}, job
    assert "left_out" not in stand.service.api("GET", f"/upgrades/{job['job_id']}")
    refused = stand.service.api("POST", "/upgrades", {"product_id": product.product_id, "version": "v2", "all": True}, expect=409)
    assert "1 have reported version v2 already, and 4 have a live upgrade" in refused["detail"], refused
    stand.service.api("POST", f"/upgrades/{job['job_id']}/cancel")

    said = stand.xgate("upgrade", "start", product.product_id, "--version", "v2", "--all").stdout.splitlines()
    assert said[0].endswith("3 of 3 devices released"), said
    at = said.index("left out 2 devices: 1 has this version, 1 is in another job")
    assert [line.split() for line in said[at + 1:]] == [
        ["device", "why"], [new.name, "has_version"], [busy.name, "in_job", str(number)]], said
    stand.xgate("upgrade", "cancel", said[0].split()[1])

    radio = start(stand, product, "v2", module="radio")
    assert radio["devices"] == 4 and radio["left_out"]["devices"][0]["device"] == other_module.name, radio

    named = start(stand, product, "v2", [new, busy, free])
    assert named["devices"] == 2 and named["left_out"] == {"has_version": 0, "in_job": 1, "devices": [
        {"device": busy.name, "reason": "in_job", "job_id": number}]}, named
    there.client.next(new.topic("ask_firmware"))
    there.report()
    assert wait_state(stand, named["job_id"], new, "succeeded")["reason"] == "the device had this version already"

    lone = stand.product()
    one = stand.device(lone)
    upload(stand, lone, "v2", content(100))
    Firmware(one, "v2").boot()
    refused = stand.service.api("POST", "/upgrades", {"product_id": lone.product_id, "version": "v2", "all": True}, expect=409)
    assert "has reported version v2 of module default already" in refused["detail"], refused
    many = [stand.device(lone) for _ in range(25)]
    start(stand, lone, "v2", many)
    late = stand.device(lone)
    job = start(stand, lone, "v2")
    assert job["devices"] == 1 and job["left_out"]["in_job"] == 25 and len(job["left_out"]["devices"]) == 20, job
    assert silent and late


run(upgrades_say_whom_they_leave_out)
