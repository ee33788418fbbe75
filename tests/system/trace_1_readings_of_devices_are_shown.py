#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1, ENC-2, TOPIC-4: which reading of the session key a device follows, and whose topic names it uses, is told
with the message that shows it, by the device, and by its product as a share of its devices."""
import json

from stand import run
from stand.device import frame
from stand.waiting import wait_until


def trace_1_readings_of_devices_are_shown(stand):
    product = stand.product(encrypted=True)

    def shown(device):
        return stand.service.api("GET", f"/devices/{device.name}")

    first, second, third = (stand.device(product) for _ in range(3))
    second.reading = "bytes"
    assert (shown(first)["key_reading"], shown(first)["topic_names"]) == (None, None)
    for device in (first, second):
        device.authenticate()
        client = device.login(subscribe=["uplink_ack"])
        for number in range(2):
            assert device.send(client, "uplink", device.seal({"n": number}), number)["Payload"]["Code"] == "200"
        client.disconnect()
    assert shown(first)["key_reading"] == "text_product_key"
    assert shown(second)["key_reading"] == "bytes_product_key"
    by_id = {m["message_id"]: m for m in second.messages()}
    assert by_id[0]["key_reading"] == by_id[1]["key_reading"] == "bytes_product_key"
    assert "bytes_product_key" in by_id[0]["note"] and by_id[1]["note"] is None, "told once, with the first"

    # By what it subscribes to; T/downlink alone is nobody's, for keys come on it too.
    third.authenticate()
    client = third.login(subscribe=["downlink", "downloadlink"])
    wait_until(lambda: shown(third)["topic_names"] == "table", "the table's names")
    stand.change_product(product, topic_names="table")
    command = stand.service.api("POST", f"/devices/{third.name}/commands", {"kind": "down", "data": {"data": "x"}})
    message = json.loads(client.next(third.topic("downloadlink")).payload)
    client.publish(third.topic("downloadlink_ack"), frame(7, {"Code": "200"}, message["MessageId"]))
    wait_until(lambda: stand.service.api("GET", f"/commands/{command['command_id']}")["state"] == "done",
               "the command's end")
    assert shown(third)["topic_names"] == "table"
    client.publish(third.topic("downlink_ack"), frame(7, {"Code": "200"}, message["MessageId"]))
    wait_until(lambda: shown(third)["topic_names"] == "both", "both names")

    seen = stand.service.api("GET", f"/products/{product.product_id}")["devices_seen"]
    assert seen["key_reading"] == {"bytes_product_key": 1, "text_product_key": 1}, seen
    assert seen["topic_names"].get("both") == 1, seen
    text = stand.xgate("product", "show", product.product_id).stdout
    assert "bytes_product_key 1 (50 %), text_product_key 1 (50 %)" in text, text
    assert "both" in stand.xgate("device", "show", third.name).stdout


run(trace_1_readings_of_devices_are_shown)
