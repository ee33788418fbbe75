#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-1, AUTH-1, V2-4: disabling a vendor stops both logins of all its products, ends live sessions, and spares other
vendors; enabling it lets them in again."""
from stand import run


def id_1_disabled_vendor_stops_its_products(stand):
    vendor = stand.vendor()
    device = stand.device(stand.product(auth_type=1, open_id=vendor))
    bystander = stand.device(stand.product(auth_type=1))
    client, asker, spared = device.login(), device.auth_client().connect(), bystander.login()

    stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": False})
    client.wait_closed()
    asker.wait_closed()
    code, raw = device.raw_login()
    raw.close()
    assert code == 5
    stand.refused("V2-4", node_eui=device.node_eui)

    stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": True})
    assert device.raw_login()[0] == 0
    assert device.authenticate()["Code"] == 0
    assert not spared.closed()


run(id_1_disabled_vendor_stops_its_products)
