#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A command for a device that is disabled, or whose product or vendor is, is refused, and the way out is named; so is one of a
kind that the product is not (ID-6). One that was queued before is still answered with by its Idempotency-Key. A disabled
device of an upgrade job waits, and is upgraded once it is enabled."""
from stand import run
from stand.commands import queue
from stand.ota import Firmware, content, start, upgrade, upload, wait_state


def refused(device, word, hint, sentence):
    problem = queue(device, "down", expect=409, data=1)
    assert problem["type"] == "urn:xgate:problem:conflict", problem
    assert f"{word} is disabled" in problem["detail"] and f"`{hint}`" in problem["detail"], problem
    answer = device.stand.service.request("POST", f"/api/v1/devices/{device.name}/commands", {"kind": "down", "data": 1},
                                          headers={"Accept-Language": "zh"})
    assert answer.status == 409 and sentence in answer.json["detail"], answer


def what_is_disabled(stand):
    vendor = stand.vendor()
    product = stand.product(open_id=vendor)
    device, other = stand.device(product), stand.device(product)
    before = queue(device, "down", key="before", data=1)
    stand.act(device, "disable")
    refused(device, f"device {device.name}", f"xgate device enable {device.name}", "已禁用")
    assert queue(device, "down", key="before", expect=200, data=1)["command_id"] == before["command_id"]
    ran = stand.xgate("send", device.name, "down", "--data", "1", ok=False)
    assert ran.returncode == 1 and f"xgate device enable {device.name}" in ran.stderr, ran
    queue(other, "down", data=1)
    stand.change_product(product, enabled=False)
    refused(other, f"product {product.product_id}", f"xgate product set {product.product_id} --enabled on", "已禁用")
    stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": False})
    refused(other, f"vendor {vendor}", f"xgate vendor set {vendor} --enabled on", "已禁用")
    for enabled in (lambda: stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": True}),
                    lambda: stand.change_product(product, enabled=True), lambda: stand.act(device, "enable")):
        enabled()
    queue(device, "down", data=1)
    assert len(stand.service.items(f"/devices/{device.name}/commands")) == 2, "what was refused is not stored"


def what_the_product_is_not(stand):
    device = stand.device(stand.product(kind="transparent"))
    for kind, members in (("set", {"params": {"temp": 1}}), ("ask", {"params": ["temp"]}), ("call", {"service": "reset"})):
        problem = queue(device, kind, expect=422, **members)
        assert "ID-6" in problem["detail"] and 'use kind "down"' in problem["detail"], problem
    script_less = queue(stand.device(stand.product(kind="hex")), "set", expect=422, params={"temp": 1})
    assert "parsing script" in script_less["detail"], script_less
    for kind in ("transparent", "json", "hex"):
        queue(stand.device(stand.product(kind=kind)), "down", data={"anybody": "s"})


def what_an_upgrade_does(stand):
    product = stand.product()
    device, other = stand.device(product), stand.device(product)
    upload(stand, product, "v2", content(100))
    stand.act(device, "disable")
    job = start(stand, product, "v2")["job_id"]
    Firmware(other, "v1").boot().notified()
    assert upgrade(stand, job, device)["state"] == "pending"
    assert stand.service.items(f"/devices/{device.name}/commands") == []
    stand.act(device, "enable")
    firmware = Firmware(device, "v1").boot()
    firmware.install(firmware.notified())
    wait_state(stand, job, device, "succeeded")


def commands_that_could_only_expire_are_refused(stand):
    what_is_disabled(stand)
    what_the_product_is_not(stand)
    what_an_upgrade_does(stand)


run(commands_that_could_only_expire_are_refused)
