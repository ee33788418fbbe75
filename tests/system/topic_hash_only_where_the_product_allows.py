#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Section 4: T/# is refused unless the product's allow_hash is set; even then only the subscribe column is
delivered."""
from stand import run


def topic_hash_only_where_the_product_allows(stand):
    product = stand.product(allow_hash=True)
    device, plain = stand.device(product), stand.device()
    assert plain.login().subscribe(plain.topic("#"))[0] == 128
    stand.refused("TOPIC", "subscribe", topic=plain.topic("#"))

    client = device.login()
    assert client.subscribe(device.topic("#"))[0] == 1
    for filter_ in ("#", "/sys/#", plain.topic("#")):
        assert client.subscribe(filter_)[0] == 128, filter_
    platform = stand.operator()
    client.publish(device.topic("uplink"), b"mine")
    client.publish(device.topic("model/event/e/report"), b"mine")
    platform.publish(plain.topic("downlink"), b"another's")
    platform.publish(device.topic("nothing/of/the/kind"), b"strange")
    platform.publish(device.topic("model/property/set"), b"for it")
    heard = client.next(where=lambda m: b"4001" not in m.payload)
    assert (heard.topic, heard.payload) == (device.topic("model/property/set"), b"for it")


run(topic_hash_only_where_the_product_allows)
