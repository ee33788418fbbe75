#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-1: a product's messages_per_second takes the place of the broker's, for devices that are logged in, too."""
from stand import run
from stand.device import frame


def limit_1_a_product_has_a_rate_of_its_own(stand):
    product = stand.product(messages_per_second=1)
    assert stand.service.api("GET", f"/products/{product.product_id}")["messages_per_second"] == 1
    device = stand.device(product)
    client = device.login(subscribe=["uplink_ack"])
    codes = []
    while "4001" not in codes and len(codes) < 1000:  # a hundred at once, then one a second
        codes.append(device.send(client, "uplink", {"n": len(codes)})["Payload"]["Code"])
    # Its filter counted, too.
    assert codes[-1] == "4001" and len(codes) >= 99, codes
    stand.change_product(product, messages_per_second=1000)
    for number in range(500):
        client.publish(device.topic("uplink"), frame(4, {"n": number}), wait=False)
    assert device.send(client, "uplink", {"last": 1})["Payload"]["Code"] == "200"
    assert stand.service.api("GET", f"/products/{stand.product().product_id}")["messages_per_second"] is None


run(limit_1_a_product_has_a_rate_of_its_own)
