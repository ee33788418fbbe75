#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""UP-1: a burst of 5,000 uplinks of 50 devices is acked and stored completely, each device's in its order."""
import json
import threading

from stand import run
from stand.device import frame

DEVICES, EACH = 50, 100


def up_1_burst_of_many_devices_is_kept_in_order(stand):
    product = stand.product()
    answer = stand.service.request(
        "POST", "/api/v1/devices/import", "product_id,node_eui\n" +
        "".join(f"{product.product_id},burst{n:03d}\n" for n in range(DEVICES)), content_type="text/csv")
    assert answer.status == 200 and answer.json["imported"] == DEVICES, answer
    secrets = dict(stand.database.sql(f"SELECT node_eui, device_secret FROM device WHERE product_id = '{product.product_id}' ORDER BY 1"))
    assert len(secrets) == DEVICES
    devices = [stand.device(product, node, secret, registered=False) for node, secret in secrets.items()]
    acked, all_acked = {device: [] for device in devices}, threading.Event()

    def collect(device):
        def on_message(message):
            acked[device].append(json.loads(message.payload)["MessageId"])
            if all(len(ids) == EACH for ids in acked.values()):
                all_acked.set()
        return on_message

    clients = {}
    for device in devices:
        clients[device] = device.login(subscribe=["uplink_ack"])
        clients[device].on_message = collect(device)
    for number in range(EACH):
        for device, client in clients.items():
            client.publish(device.topic("uplink"), frame(4, {"n": number}, number), wait=False)
    assert all_acked.wait(90), {device.name: len(ids) for device, ids in acked.items() if len(ids) < EACH}
    for device in devices:
        assert acked[device] == list(range(EACH)), "acks in order"
    rows = stand.database.sql("SELECT node_eui, string_agg(message_id, ',' ORDER BY sequence) FROM message GROUP BY 1")
    assert len(rows) == DEVICES
    assert {row[1] for row in rows} == {",".join(map(str, range(EACH)))}, "stored in order, each once"


run(up_1_burst_of_many_devices_is_kept_in_order, log_level="info")
