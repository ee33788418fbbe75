#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-2: whichever of the four readings of the session key a device follows, `auto` finds it on the first encrypted
message, keeps to it for the session, and tells it; a product setting fixes one."""
from stand import run

READINGS = {"text_product_key": ("text", "product_key"), "bytes_product_key": ("bytes", "product_key"),
            "text_device_secret": ("text", "device_secret"), "bytes_device_secret": ("bytes", "device_secret")}


def enc_2_every_reading_of_the_key_is_learnt(stand):
    product = stand.product(encrypted=True)
    for name, (reading, material) in READINGS.items():
        device = stand.device(product)
        device.reading, device.key_material = reading, material
        device.authenticate()
        client = device.login(subscribe=["uplink_ack"])
        for number in range(3):
            assert device.send(client, "uplink", device.seal({"n": number}))["Payload"]["Code"] == "200", name
        learnt = stand.database.sql(
            "SELECT key_reading FROM session_key JOIN device USING (device_id) "
            f"WHERE node_eui = '{device.node_eui}' AND product_id = '{product.product_id}'")
        assert learnt == [[name]], learnt

    for name, (reading, material) in READINGS.items():
        fixed = stand.product(encrypted=True, key_reading=name)
        for other, (its_reading, its_material) in READINGS.items():
            device = stand.device(fixed)
            device.reading, device.key_material = its_reading, its_material
            device.authenticate()
            client = device.login(subscribe=["uplink_ack"])
            code = device.send(client, "uplink", device.seal({"n": 1}))["Payload"]["Code"]
            assert code == ("200" if other == name else "4001"), (name, other, code)


run(enc_2_every_reading_of_the_key_is_learnt)
