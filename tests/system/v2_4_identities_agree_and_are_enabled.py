#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-4: O, P, N agree between client id and username, the product is enabled under O, the device is registered and
not disabled."""
from stand import run
from stand.crypto import v2_password
from stand.device import Device
from stand.raw_mqtt import RawClient


def v2_4_identities_agree_and_are_enabled(stand):
    product, off = stand.product(), stand.product()
    other_vendor = stand.vendor()
    device, other = stand.device(product), stand.device(product)
    of_off, disabled = stand.device(off), stand.device(product)
    stand.change_product(off, enabled=False)
    stand.act(disabled, "disable")
    stranger = Device(stand, product, "stranger", "00112233445566778899AABBCCDDEEFF")

    def login(client_id, username, password):
        raw = RawClient(stand.broker.port)
        code = raw.login(client_id, username, password)
        raw.close()
        return code

    client_id, username, password = device.v2_credentials()
    assert login(client_id, username, password) == 0
    p, n = product.product_id, device.node_eui
    crossed = v2_password(device.device_secret, p, other.node_eui, product.product_key)
    wrong = {
        "another N in the username": (client_id, other.v2_credentials()[1], password),
        "another N in the client id": (other.v2_credentials()[0], username, crossed),
        "another P in the username": (client_id, f"{product.open_id}-{off.product_id}-{n}", password),
        "another O": (client_id, f"{other_vendor}-{p}-{n}", password),
        "an O that does not exist": (client_id, f"0000FFFF-{p}-{n}", password),
        "a disabled product": of_off.v2_credentials(),
        "a disabled device": disabled.v2_credentials(),
        "a device that is not registered": stranger.v2_credentials(),
        "a NodeEui in another case": (client_id.replace(n, n.upper()), username.replace(n, n.upper()),
                                      v2_password(device.device_secret, p, n.upper(), product.product_key)),
    }
    codes = {what: login(*credentials) for what, credentials in wrong.items()}
    assert set(codes.values()) == {5}, codes
    for credentials in wrong.values():
        stand.refused("V2-4", client_id=credentials[0], username=credentials[1])

    stand.act(disabled, "enable")
    stand.change_product(off, enabled=True)
    assert login(*disabled.v2_credentials()) == 0
    assert login(*of_off.v2_credentials()) == 0


run(v2_4_identities_agree_and_are_enabled)
