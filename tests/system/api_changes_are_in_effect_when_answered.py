#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-1, ID-7, V2-4: when the API says that a change is done, every broker goes by it: who was added or enabled gets in at
the first try, who was disabled or deleted is thrown out already and gets in no more; likewise after another key, another
setting of the product, and a disabled vendor."""
import time

from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient

TRIES = 40
KEY = "00112233445566778899AABBCCDDEEFF"


def api_changes_are_in_effect_when_answered(stand):
    api = stand.service.api
    vendor = api("POST", "/vendors", {"name": "v"})["open_id"]
    product = stand.product(open_id=vendor)

    def login(device, credentials=None):
        raw = RawClient(stand.broker.port)
        return raw.login(*(credentials or device.v2_credentials())), raw

    def gets_in(device, credentials=None):
        code, raw = login(device, credentials)
        raw.close()
        return code == 0

    began = time.monotonic()
    devices, refused = [], 0
    for number in range(TRIES):
        devices.append(Device(stand, product, f"added{number:04d}"))
        devices[-1].device_secret = api("POST", f"/products/{product.product_id}/devices?reveal=true",
                                        {"node_eui": devices[-1].node_eui})["device_secret"]
        refused += not gets_in(devices[-1])
    each_ms = (time.monotonic() - began) * 1000 / TRIES
    assert refused == 0, f"{refused} of {TRIES} refused after they were added"
    print(f"added and logged in: {each_ms:.0f} ms each")

    let_in = stayed = 0
    for device in devices:
        code, live = login(device)
        assert code == 0
        api("POST", f"/devices/{device.name}/disable")
        let_in += gets_in(device)
        live.socket.settimeout(0.05)
        try:
            stayed += live.receive() is not None
        except TimeoutError:
            stayed += 1
    assert (let_in, stayed) == (0, 0), f"{let_in} let in and {stayed} not thrown out of {TRIES} that were disabled"
    for device in devices:
        api("POST", f"/devices/{device.name}/enable")
        assert gets_in(device)
    for device in devices[:10]:
        api("DELETE", f"/devices/{device.name}")
        assert not gets_in(device)

    # What concerns a whole product, or a whole vendor.
    device = devices[-1]
    for number in range(10):
        old = device.v2_credentials()
        product.product_key = f"{KEY[:-2]}{number:02X}"
        api("PATCH", f"/products/{product.product_id}", {"product_key": product.product_key})
        assert not gets_in(device, old) and gets_in(device), number
        for path in (f"/products/{product.product_id}", f"/vendors/{vendor}"):
            api("PATCH", path, {"enabled": False})
            assert not gets_in(device), (number, path)
            api("PATCH", path, {"enabled": True})
            assert gets_in(device), (number, path)
    for allow_hash in (True, False, True, False):
        api("PATCH", f"/products/{product.product_id}", {"allow_hash": allow_hash})
        _code, live = login(device)
        assert (live.subscribe(f"{device.root}/#") == 1) == allow_hash
        live.close()

    csv = "product_id,node_eui,device_secret\n" + "".join(f"{product.product_id},csv{n:05d},{KEY}\n" for n in range(1500))
    assert stand.service.request("POST", "/api/v1/devices/import", csv, content_type="text/csv").json["imported"] == 1500
    assert all(gets_in(Device(stand, product, f"csv{n:05d}", KEY)) for n in range(0, 1500, 100))


run(api_changes_are_in_effect_when_answered, broker_options=["--logins-per-minute", "6000"])
