#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-1: ClientId P-N, username AUTH-O-P, password ProductKey exactly as issued; all of it must agree.
ID-3: N is 4 to 32 letters and digits."""
from stand import run
from stand.raw_mqtt import RawClient


def auth_1_login_is_checked(stand):
    product = stand.product(auth_type=0)
    other = stand.product(auth_type=0)
    foreign = stand.product(auth_type=0, open_id=stand.vendor())
    off = stand.product(auth_type=0)
    stand.change_product(off, enabled=False)
    o, p, key = product.open_id, product.product_id, product.product_key

    def login(client_id, username, password):
        raw = RawClient(stand.broker.port)
        code = raw.login(client_id, username, password)
        raw.close()
        return code

    assert login(f"{p}-Dev1", f"AUTH-{o}-{p}", key) == 0
    assert login(f"{p}-{'N' * 32}", f"AUTH-{o}-{p}", key) == 0, "the longest NodeEui"

    wrong = {
        "another product's key": (f"{p}-bad0", f"AUTH-{o}-{p}", other.product_key),
        "the key in another case": (f"{p}-bad1", f"AUTH-{o}-{p}", key.swapcase()),
        "the key cut short": (f"{p}-bad2", f"AUTH-{o}-{p}", key[:-1]),
        "no password": (f"{p}-bad3", f"AUTH-{o}-{p}", None),
        "an empty password": (f"{p}-bad4", f"AUTH-{o}-{p}", ""),
        "another product in the client id": (f"{other.product_id}-bad5", f"AUTH-{o}-{p}", key),
        "a product that does not exist": ("0000FFFF-bad6", f"AUTH-{o}-0000FFFF", key),
        "a product of another vendor": (f"{foreign.product_id}-bad7", f"AUTH-{o}-{foreign.product_id}",
                                        foreign.product_key),
        "a vendor that does not exist": (f"{p}-bad8", f"AUTH-0000FFFF-{p}", key),
        "a disabled product": (f"{off.product_id}-bad9", f"AUTH-{off.open_id}-{off.product_id}",
                               off.product_key),
        "a NodeEui of 3 characters": (f"{p}-abc", f"AUTH-{o}-{p}", key),
        "a NodeEui of 33 characters": (f"{p}-{'N' * 33}", f"AUTH-{o}-{p}", key),
        "a NodeEui with a hyphen": (f"{p}-ab-cd", f"AUTH-{o}-{p}", key),
        "a NodeEui with a wildcard": (f"{p}-ab+cd", f"AUTH-{o}-{p}", key),
        "a NodeEui with a slash": (f"{p}-ab/cd", f"AUTH-{o}-{p}", key),
        "a NodeEui that is not ASCII": (f"{p}-设备设备", f"AUTH-{o}-{p}", key),
        "no NodeEui": (f"{p}-", f"AUTH-{o}-{p}", key),
    }
    codes = {what: login(*credentials) for what, credentials in wrong.items()}
    assert set(codes.values()) == {5}, codes
    for what, (client_id, username, _password) in wrong.items():
        stand.refused("ID-3" if "NodeEui" in what else "AUTH-1", client_id=client_id, username=username)


run(auth_1_login_is_checked)
