#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-10: a device that is nothing but Mosquitto's own command-line clients asks for its secret, logs in again
with V2_, syncs its time, and its uplink is acked and stored."""
import json
import subprocess

from stand import run
from stand.device import AUTH_TOPIC, frame
from stand.processes import Process
from stand.waiting import wait_until


def auth_10_whole_way_with_mosquitto_clients(stand):
    device = stand.device(stand.product(auth_type=0))

    def connection(credentials):
        client_id, username, password = credentials
        return ["-h", "127.0.0.1", "-p", str(stand.broker.port), "-i", client_id, "-u", username, "-P", password,
                "-q", "1"]

    def ask(credentials, topic, answer_topic, body):
        answer = subprocess.run(["mosquitto_rr", *connection(credentials), "-t", topic, "-e", answer_topic,
                                 "-m", body, "-W", "30"], capture_output=True, text=True, check=True).stdout
        return json.loads(answer)

    reply = ask(device.auth_credentials(), AUTH_TOPIC, device.topic("downlink"),
                device.auth_request(message_id=1231))
    assert reply["MessageId"] == 1231 and reply["Payload"]["Code"] == 0, reply
    device.learn(reply["Payload"])

    for suffix, header_ctrl, payload in [("update_time", 29, ""), ("uplink", 4, {"power": 99})]:
        ack = ask(device.v2_credentials(), device.topic(suffix), device.topic(suffix + "_ack"),
                  frame(header_ctrl, payload, 7))
        assert ack["MessageId"] == 7 and ack["Payload"]["Code"] == "200", ack

    reader = Process("mosquitto_sub", ["mosquitto_sub", *connection(device.v2_credentials()),
                                       "-t", device.topic("uplink_ack")], stand.folder / "mosquitto_sub.out")
    reader.wait_ready(lambda: device.shown()["online"], "the device is online")
    subprocess.run(["mosquitto_pub", *connection(device.v2_credentials(timestamp=1700000000)),
                    "-t", device.topic("uplink"), "-m", frame(4, {"power": 98}, 8)], check=True)
    wait_until(lambda: [m for m in device.messages() if m["message_id"] == 8 and m["payload"] == {"power": 98}],
               "the uplink of mosquitto_pub stored")
    reader.kill()
    assert device.shown()["activated_at"] is not None


run(auth_10_whole_way_with_mosquitto_clients)
