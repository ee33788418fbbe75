#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-1 with FRAME-6: a device's hex messages are stored in the order they were sent, however many wait for their
script; what a service that is stopped had read is finished, the rest comes to the next one."""
import json

from stand import run
from stand.device import frame
from stand.hex_product import scripted_product
from stand.waiting import wait_until

COUNT = 300


def hex_1_order_holds_and_a_stop_loses_nothing(stand):
    device = stand.device(scripted_product(stand))
    client = device.login(subscribe=["model/hex/report_ack"])
    for number in range(COUNT):
        client.publish(device.topic("model/hex/report"), frame(18, f"00{number:04x}0100000000", number), wait=False)
        if number == COUNT // 2:
            stand.service.restart()
    wait_until(lambda: len({m["message_id"] for m in device.messages()}) == COUNT, "all of them to be stored")
    first_time = [m["message_id"] for m in sorted(device.messages(), key=lambda m: m["sequence"]) if not m["redelivered"]]
    assert first_time == sorted(first_time), first_time
    assert all(m["code"] == "200" for m in device.messages())
    latest = {p["identifier"]: p["value"] for p in stand.service.items(f"/devices/{device.name}/properties")}
    assert latest["prop_int16"] == COUNT - 1, latest
    for _ in range(COUNT // 2):
        json.loads(client.next(device.topic("model/hex/report_ack")).payload)


run(hex_1_order_holds_and_a_stop_loses_nothing)
