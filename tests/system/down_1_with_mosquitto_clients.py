#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1 with a peer that we did not write: mosquitto_sub is the device that gets the downlink, mosquitto_pub the one that acks."""
import json
import subprocess

from stand import run
from stand.commands import in_state, queue
from stand.device import frame
from stand.processes import Process
from stand.waiting import wait_until


def down_1_with_mosquitto_clients(stand):
    device = stand.device()
    command = queue(device, "down", data="13234234")

    def connection(timestamp):
        client_id, username, password = device.v2_credentials(timestamp=timestamp)
        return ["-h", "127.0.0.1", "-p", str(stand.broker.port), "-i", client_id, "-u", username, "-P", password,
                "-q", "1"]

    out = stand.folder / "mosquitto_sub.out"
    reader = Process("mosquitto_sub", ["mosquitto_sub", *connection(1700000000), "-t", device.topic("+"), "-C", "1"], out)
    wait_until(lambda: out.exists() and out.read_text(encoding="utf-8").endswith("\n"), "the downlink")
    body = json.loads(out.read_text(encoding="utf-8"))
    assert body == {"MessageId": command["message_id"], "HeaderCtrl": 7, "Payload": {"data": "13234234"},
                    "Version": "2.0"}, body
    subprocess.run(["mosquitto_pub", *connection(1700000001), "-t", device.topic("downlink_ack"), "-m",
                    frame(7, {"Code": "200", "Msg": "SUCCESS"}, body["MessageId"])], check=True)
    assert in_state(device, command, "done")["code"] == "200"
    reader.kill()


run(down_1_with_mosquitto_clients)
