#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-7: only so many devices of a product may register themselves within a minute; who comes too fast is answered
Code 1 and asks again. Whoever is registered is not held up, and another product is not."""
from stand import run

RATE = 3


def auth_7_registration_has_a_rate(stand):
    product, other = stand.product(auth_type=0, registration_rate_per_minute=RATE), stand.product(auth_type=0)
    assert stand.service.api("GET", f"/products/{other.product_id}")["registration_rate_per_minute"] == 6000
    # At this rate one comes back every twenty seconds: of so many within a few seconds some come too fast.
    devices = [stand.device(product) for _ in range(RATE + 6)]
    codes = [device.authenticate()["Code"] for device in devices]
    assert codes[:RATE] == [0] * RATE and 1 in codes and set(codes) == {0, 1}, codes
    late = devices[codes.index(1)]
    stand.service.api("GET", f"/devices/{late.name}", expect=404)
    message = late.messages()[0]
    assert (message["code"], message["requirement"]) == ("1", "AUTH-7"), message
    assert "registration_rate_per_minute of 3" in message["reason"], message
    assert devices[0].authenticate()["Code"] == 0
    assert stand.device(other).authenticate()["Code"] == 0
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert f'xgate_registrations_refused_total{{limit="rate"}} {codes.count(1)}' in metrics, metrics

    stand.change_product(product, registration_rate_per_minute=None)
    assert late.authenticate()["Code"] == 0


run(auth_7_registration_has_a_rate)
