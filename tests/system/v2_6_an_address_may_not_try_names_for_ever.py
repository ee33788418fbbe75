#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: one address may fail only so often, whatever names it tries; whoever has the right password, there or elsewhere, and the
platform's own service are not held up by it. AUTH- logins count likewise, each name for itself."""
from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until

ATTACKER = "127.0.0.2"
BUDGET = 100  # in ten minutes: one comes back every six seconds


def v2_6_an_address_may_not_try_names_for_ever(stand):
    product = stand.product(auth_type=0)
    device = stand.device(stand.product())

    def login(credentials, address=ATTACKER):
        raw = RawClient(stand.broker.port, address=address)
        code = raw.login(*credentials)
        raw.close()
        return code

    for number in range(BUDGET + 5):
        guess = Device(stand, product, f"guess{number:04d}", "00112233445566778899AABBCCDDEEFF")
        credentials = guess.v2_credentials() if number % 2 else (*guess.auth_credentials()[:2], "00" * 16)
        assert login(credentials) == 5
    told = wait_until(lambda: next((item for item in stand.service.items("/refusals", limit=200)
                                    if item["requirement"] == "V2-6"), None), "the address refused")
    assert "too many failed logins from this address, under many names" in told["reason"], told
    assert told["address"] == ATTACKER, told
    assert login(device.v2_credentials()) == 0, "a neighbour at that address"
    assert login(Device(stand, product, "fresh001", None).auth_credentials()) == 0, "one that knows the ProductKey"
    assert login(device.v2_credentials(), address=None) == 0, "from elsewhere"
    stand.service.restart()  # its account logs in again

    # The ProductKey is guessed under one name as a DeviceSecret is.
    name = Device(stand, product, "oneName", None)
    wrong, right = (*name.auth_credentials()[:2], "11" * 16), name.auth_credentials()
    for _ in range(8):
        assert login(wrong, None) == 5
    assert login(right, None) == 0, "a proof of the ProductKey"
    assert "this one is wrong, AUTH-1" in stand.refused("V2-6", client_id=right[0])["reason"]


run(v2_6_an_address_may_not_try_names_for_ever, broker_options=["--login-failures-per-address", str(BUDGET)])
