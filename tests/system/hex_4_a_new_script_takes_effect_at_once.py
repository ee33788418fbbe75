#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: of a script that keeps running over its limits only a few messages are run; the rest is answered 4001 with the reason
and its version, stored, counted and logged. A new version is not made to wait for what the old one left, nor refused for
it: the first message after it is judged by it."""
import json
import re

from stand import run
from stand.device import frame
from stand.hex_product import DEMO, PROPERTIES, put_script, scripted_product
from stand.waiting import wait_until

HOSTILE = "function rawDataToProtocol(bytes) { for (;;) try { for (;;); } catch (e) { } }"
COUNT = 300


def not_run(stand):
    for line in stand.service.request("GET", "/metrics", token=None).body.decode().splitlines():
        if line.startswith('xgate_script_calls_total{outcome="not_run"}'):
            return float(line.split()[-1])
    raise AssertionError("there is no such metric")


def send(device, client):
    return device.send(client, "model/hex/report", PROPERTIES, header_ctrl=18)["Payload"]


def hex_4_a_new_script_takes_effect_at_once(stand):
    product = scripted_product(stand, HOSTILE)
    device, other = stand.device(product), stand.device(product)
    client = device.login(subscribe=["model/hex/report_ack"])
    other_client = other.login(subscribe=["model/hex/report_ack"])
    assert not_run(stand) == 0
    said = [send(device, client)["Msg"]]
    assert said[0] == "the parsing script ran longer than 50 ms", said[0]

    def is_tired():
        said.append(send(device, client)["Msg"])
        return "was not run" in said[-1]
    wait_until(is_tired, "the script to be tried no more")
    assert re.fullmatch(r"the parsing script \(version 1\) was not run: it keeps running over its limits with what this device "
                        r"sends and is tried again every few seconds; the last time: the parsing script .*\d ms", said[-1]), said[-1]

    before = not_run(stand)
    for number in range(COUNT):
        client.publish(device.topic("model/hex/report"), frame(18, PROPERTIES, number), wait=False)
    wait_until(lambda: not_run(stand) > before, "messages to be refused without a run")
    assert put_script(stand, product, DEMO).json["version"] == 2
    assert send(other, other_client)["Code"] == "200"

    answers = [json.loads(client.next(device.topic("model/hex/report_ack"), timeout=60).payload) for _ in range(COUNT)]
    assert [answer["MessageId"] for answer in answers] == list(range(COUNT)), "in their order"
    said = [answer["Payload"]["Msg"] for answer in answers]
    refused = [text for text in said if text.startswith("the parsing script (version 1) was not run: ")]
    assert len(refused) == not_run(stand) - before, (len(refused), not_run(stand))
    assert {m["message_id"] for m in device.messages(limit=1000)} >= set(range(COUNT)), "stored all the same"
    log = stand.service.process.log()
    assert f"product {product.product_id}, version 1 of its parsing script: the parsing script ran longer than 50 ms" in log
    assert f"product {product.product_id}, version 1 of its parsing script: it keeps running over its limits" in log
    assert log.count("it keeps running over its limits") < 10, "not once a message"


run(hex_4_a_new_script_takes_effect_at_once)
