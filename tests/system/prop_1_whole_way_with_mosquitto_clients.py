#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1, EVENT-1: a device that is nothing but mosquitto_pub and mosquitto_rr reports a property and an event by the
product's thing model."""
import json
import subprocess

from stand import run
from stand.device import frame
from stand.thing_model import modelled_product
from stand.waiting import wait_until


def prop_1_whole_way_with_mosquitto_clients(stand):
    device = stand.device(modelled_product(stand))
    client_id, username, password = device.v2_credentials()
    connection = ["-h", "127.0.0.1", "-p", str(stand.broker.port), "-i", client_id, "-u", username, "-P", password,
                  "-q", "1"]
    answer = subprocess.run(["mosquitto_rr", *connection, "-t", device.topic("model/property/report"), "-e",
                             device.topic("model/property/report_ack"), "-W", "30", "-m",
                             '{"MessageId":1231,"HeaderCtrl":16,"Payload":{"temp":100,"humi":20},"Version":"2.0"}'],
                            capture_output=True, text=True, check=True).stdout
    assert json.loads(answer) == {"MessageId": 1231, "HeaderCtrl": 16, "Version": "2.0",
                                  "Payload": {"Code": "200", "Msg": "SUCCESS"}}, answer
    subprocess.run(["mosquitto_pub", *connection, "-t", device.topic("model/event/overheat/report"),
                    "-m", frame(17, {"temp": 150})], check=True)
    wait_until(lambda: stand.service.items(f"/devices/{device.name}/events"), "the event of mosquitto_pub stored")
    latest = {p["identifier"]: p["value"] for p in stand.service.items(f"/devices/{device.name}/properties")}
    assert latest == {"temp": 100, "humi": 20}, latest


run(prop_1_whole_way_with_mosquitto_clients)
