#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: 300 devices log in at once, each twice under different timestamps: in the end each has one connection and is
shown online."""
from stand import run
from stand.waiting import wait_until

DEVICES = 300


def v2_5_many_logins_at_once(stand):
    product = stand.product()
    lines = "".join(f"{product.product_id},crowd{n:04d}\n" for n in range(DEVICES))
    answer = stand.service.request("POST", "/api/v1/devices/import", "product_id,node_eui\n" + lines,
                                   content_type="text/csv")
    assert answer.json["imported"] == DEVICES, answer
    devices = [stand.device(product, node_eui, secret, registered=False) for node_eui, secret in stand.database.sql(
        f"SELECT node_eui, device_secret FROM device WHERE product_id = '{product.product_id}' ORDER BY 1")]
    first = [device.raw_login(timestamp=1) for device in devices]
    second = [device.raw_login(type=1, timestamp=1700000000) for device in devices]
    assert {code for code, _raw in first + second} == {0}
    assert all(raw.receive() is None for _code, raw in first), "an older connection lives on"

    def online():
        return stand.database.sql(f"SELECT count(*) FROM presence WHERE online AND client_id LIKE 'V2_{product.product_id}.crowd%'")
    wait_until(lambda: online() == [[str(DEVICES)]], "all online", every=0.1)
    for _code, raw in second:
        raw.close()
    wait_until(lambda: online() == [["0"]], "all offline", every=0.1)


run(v2_5_many_logins_at_once)
