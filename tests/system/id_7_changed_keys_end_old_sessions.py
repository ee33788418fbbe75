#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Revocation reaches live sessions: a new ProductKey ends logins made with the old one."""
from stand import run
from stand.crypto import v2_password
from stand.raw_mqtt import RawClient

NEW_KEY = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"


def id_7_changed_keys_end_old_sessions(stand):
    product = stand.product()
    device = stand.device(product)
    client = device.login()
    stand.keep_secret(NEW_KEY, "new ProductKey")
    stand.change_product(product, product_key=NEW_KEY)
    client.wait_closed()
    client_id, username, old_password = device.v2_credentials()
    for password, code in ((old_password, 5),
                           (v2_password(device.device_secret, product.product_id, device.node_eui, NEW_KEY), 0)):
        raw = RawClient(stand.broker.port)
        assert raw.login(client_id, username, password) == code
        raw.close()


run(id_7_changed_keys_end_old_sessions)
