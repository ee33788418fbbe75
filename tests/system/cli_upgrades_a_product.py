#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate firmware` and `xgate upgrade`: from a file to a job, stage by stage, shown as counts and device by device."""
import json

from stand import run
from stand.ota import Firmware, content


def cli_upgrades_a_product(stand):
    product = stand.product()
    devices = [stand.device(product) for _ in range(4)]
    file = stand.folder / "meter 2.bin"
    file.write_bytes(content(2_000_000))

    def xgate(*arguments):
        return json.loads(stand.xgate(*arguments, "--json").stdout)

    image = xgate("firmware", "add", product.product_id, str(file), "--version", "v2")
    assert (image["size"], image["file_name"]) == (2_000_000, "meter 2.bin"), image
    assert "meter 2.bin" in stand.xgate("firmware", "list", product.product_id).stdout
    again = stand.xgate("firmware", "add", product.product_id, str(file), "--version", "v2", ok=False)
    assert again.returncode == 1 and "already" in again.stderr, again
    assert stand.xgate("upgrade", "start", product.product_id, "--version", "v2", ok=False).returncode == 2
    assert stand.xgate("upgrade", "start", product.product_id, "--version", "v9", "--all", ok=False).returncode == 1

    job = xgate("upgrade", "start", product.product_id, "--version", "v2", "--devices",
                ",".join(device.name for device in devices[:3]), "--count", "1", "--time-limit", "2h")
    assert (job["devices"], job["released"], job["time_limit_s"]) == (3, 1, 7200), job
    number = str(job["job_id"])
    for who, said in ((devices[0].name, f"device {devices[0].name} has a live upgrade of module default already, in job {number}"),
                      (f"{product.product_id}.Nobody01", f"xgate: there is no device {product.product_id}.Nobody01\n"),
                      (f"{product.product_id}.Nobody01,{product.product_id}.Nobody02", "2 devices do not exist:\n  /devices  there is no device ")):
        refused = stand.xgate("upgrade", "start", product.product_id, "--version", "v2", "--devices", who, ok=False)
        assert refused.returncode == 1 and said in refused.stderr, refused
    short = stand.xgate("upgrade", "show", number).stdout
    assert short.splitlines()[0] == f"job {number} is running: v2 for product {product.product_id}; 1 of 3 devices released", short
    assert "sha256" not in short and "sha256" in stand.xgate("upgrade", "show", number, "--details").stdout
    assert xgate("upgrade", "advance", number, "--percent", "100")["released"] == 3
    firmware = Firmware(devices[0]).boot()
    firmware.install(firmware.notified())
    table = stand.xgate("upgrade", "show", number).stdout
    assert [line.split() for line in table.splitlines() if line.startswith("succeeded")] == [["succeeded", "1"]], table
    rows = xgate("upgrade", "show", number, "--devices", "--state", "succeeded")
    assert [row["device"] for row in rows] == [devices[0].name], rows
    assert number in stand.xgate("upgrade", "list", "--product", product.product_id).stdout
    busy = stand.xgate("firmware", "delete", str(image["image_id"]), ok=False)
    assert busy.returncode == 1 and "upgrade" in busy.stderr, busy
    assert xgate("upgrade", "cancel", number)["state"] == "cancelled"
    assert stand.xgate("upgrade", "retry", number, ok=False).returncode == 1
    stand.xgate("firmware", "delete", str(image["image_id"]))


run(cli_upgrades_a_product)
