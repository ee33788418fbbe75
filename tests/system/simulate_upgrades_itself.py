#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario` upgrades itself: downloads the image, checks it, starts again and reports the new version;
also after a download that broke off; and a device that comes back with the old version has failed."""
import os

from stand import run
from stand.simulator import Simulator
from stand.waiting import wait_until

SCENARIO = """
[device]
soft_ver = "v2.1.3"
reboot = "100ms"
[[on]]
ota = "{ota}"
"""
STATES = {"succeed": "succeeded", "cut": "succeeded", "fail": "failed"}


def simulate_upgrades_itself(stand):
    product = stand.product(auth_type=0, kind="json")
    image = stand.folder / "box-v2.1.4.bin"
    image.write_bytes(os.urandom(3_000_000))
    stand.xgate("firmware", "add", product.product_id, str(image), "--version", "v2.1.4")
    devices = {ota: stand.device(product, node_eui=f"Ota{ota}") for ota in STATES}
    simulators = {ota: Simulator(stand, device, SCENARIO.format(ota=ota))
                  for ota, device in devices.items()}
    try:
        for device in devices.values():
            wait_until(lambda d=device: stand.database.sql(
                f"SELECT 1 FROM message WHERE node_eui = '{d.node_eui}' AND header_ctrl = 8 AND code = '200'"),
                f"{device.name} to report its version", 40)
        job = stand.service.api("POST", "/upgrades", {
            "product_id": product.product_id, "version": "v2.1.4", "devices": [d.name for d in devices.values()]})
        # a firmware report starts it (OTA-1)
        for device in devices.values():
            stand.service.api("POST", f"/devices/{device.name}/commands", {"kind": "firmware_ask"})

        def states():
            return {item["device"]: item["state"] for item in stand.service.items(f"/upgrades/{job['job_id']}/devices")}
        wanted = {devices[ota].name: state for ota, state in STATES.items()}
        wait_until(lambda: states() == wanted, "every upgrade to end", 60)
        assert devices["cut"].shown()["firmware"][0]["soft_ver"] == "v2.1.4"
        for ota, simulator in simulators.items():
            status, result, faults = simulator.end()
            assert status == 0 and not faults, (ota, faults, result)
            assert result["downloads"] == 1 and result["logins"] == 2, (ota, result)
            assert result["upgraded"] == (0 if ota == "fail" else 1), (ota, result)
    finally:
        for simulator in simulators.values():
            simulator.kill()


run(simulate_upgrades_itself)
