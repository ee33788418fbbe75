#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: hostile scripts cost their own message a 4001 and nothing else: endless loops inside try and catch, catastrophic
regular expressions, huge arrays and texts, deep recursion, attempts to get out. The order of events shows that nobody waits
for them: all of another product's messages, sent after those of many hostile products, are answered before the last of those."""
import json

from stand import run
from stand.device import frame
from stand.hex_product import PROPERTIES, hostile_scripts, put_script, scripted_product

CHOSEN = ("endless loop that catches and goes on", "catastrophic regular expression", "huge array",
          "huge string by doubling", "deep recursion", "memory caught and asked for again", "endless loop in toJSON",
          "a cyclic result", "require", "a planted prototype")
AT_ONCE = ("endless loop in try, catch and finally", "endless loop that catches and goes on", "catastrophic regular expression",
           "catastrophic regular expression with alternatives", "huge array", "deep recursion", "a constructor's constructor")


def hex_4_hostile_scripts_cost_only_their_message(stand):
    good = stand.device(scripted_product(stand))
    product = stand.product(kind="hex")
    bad = stand.device(product)
    good_client = good.login(subscribe=["model/hex/report_ack", "update_time_ack"])
    bad_client = bad.login(subscribe=["model/hex/report_ack"])
    scripts = {name: (outcome, source) for name, outcome, source in hostile_scripts()}
    for name in CHOSEN:
        outcome, source = scripts[name]
        assert put_script(stand, product, source).status == 201, name
        ack = bad.send(bad_client, "model/hex/report", PROPERTIES, header_ctrl=18)
        assert ack["Payload"]["Code"] == "4001" and ack["Payload"]["Msg"] != "SUCCESS", (name, ack)
        if outcome == "limit":
            assert " ms" in ack["Payload"]["Msg"] or " MB" in ack["Payload"]["Msg"], (name, ack)
        assert good.send(good_client, "model/hex/report", PROPERTIES, header_ctrl=18)["Payload"]["Code"] == "200", name

    all_at_once(stand, good, good_client, scripts)


def all_at_once(stand, good, good_client, scripts):
    """A product for each kind, and many messages of each before the good one's: what those need of a processor is half a
    second at least, by a process that stands back, and the good ones' next to nothing."""
    many = 12
    devices = []
    for name in AT_ONCE:
        product = stand.product(kind="hex")
        assert put_script(stand, product, scripts[name][1]).status == 201, name
        device = stand.device(product)
        devices.append((name, device, device.login(subscribe=["model/hex/report_ack"])))
    for number in range(many):
        for _, device, client in devices:
            client.publish(device.topic("model/hex/report"), frame(18, PROPERTIES, 5000 + number))
    for number in range(many):
        good_client.publish(good.topic("model/hex/report"), frame(18, PROPERTIES, 6000 + number))
    for number in range(many):
        assert good.ack(good_client, "model/hex/report", 6000 + number)["Payload"]["Code"] == "200"
    answered = sum(len(client.unclaimed()) for _, _, client in devices)
    assert answered < many * len(devices), "the good product waited for the hostile ones"
    for name, device, client in devices:
        for number in range(many):
            ack = json.loads(client.next(device.topic("model/hex/report_ack"), timeout=60).payload)
            assert (ack["MessageId"], ack["Payload"]["Code"]) == (5000 + number, "4001"), (name, "in their order", ack)
        stored = [m["message_id"] for m in device.messages() if m["message_id"] >= 5000]
        assert sorted(stored) == list(range(5000, 5000 + many)), (name, stored)


run(hex_4_hostile_scripts_cost_only_their_message)
