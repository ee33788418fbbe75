#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names, topics, settings and members from devices are escaped wherever `xgate` shows them, on a terminal and in a pipe; with --json as
JSON escapes them, so that it is the same JSON. Nothing of it moves a cursor, writes a clipboard or turns the direction of writing."""
import json
import unicodedata

from stand import run
from stand.commands import queue
from stand.device import frame
from stand.mqtt_client import MQTT5, Client, LoginRefused
from stand.terminal import on_a_terminal
from stand.waiting import wait_until

# OSC 52 (writes the clipboard), OSC 8, DEL, C1's CSI and OSC, bidi marks, overrides and isolates, separators, invisible characters.
STEERING = "\x1b]52;c;ZWNobw==\x07 \x1b]8;;http://x\x1b\\ \x7f \u009b2J\u009d0;x\u009c \u061c\u200e\u200f\u202a\u202e\u2066\u2069 \u2028\u2029 " \
           "\u00ad\u200b\ufeff\U000e0041 \r\n\t"
# What MQTT lets into topics and client ids.
IN_TOPICS = "\u202e\u2066\u061c\u200f\u2028"


def unprintable(text):
    return {f"U+{ord(c):04X}" for c in text
            if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\u200c\u200d" or c == "\ufffd")}


def what_devices_say_is_shown_and_not_obeyed(stand):
    product = stand.product(kind="json", name="温度" + IN_TOPICS)
    device = stand.device(product)
    client = device.login(subscribe=["ask_config", "downlink"], version=MQTT5)
    name = "Host" + STEERING
    client.publish(device.topic("config_report"), frame(14, {"Settings": {name: STEERING, "in": {name: [STEERING]}}}, 1))
    wait_until(lambda: stand.service.request("GET", f"/api/v1/devices/{device.name}/config").status == 200, "the settings")
    client.publish(device.topic("model/property/report"), frame(16, {name: STEERING}, 2))
    client.publish(device.topic("model/property/report"), json.dumps({"MessageId": 3, STEERING: 1}, ensure_ascii=False))
    client.publish(device.topic("model/property/report"), STEERING)
    client.publish(device.topic("uplink" + IN_TOPICS), b"{}")
    client.subscribe(device.topic("downlink" + IN_TOPICS))
    stranger = f"V2_{device.name}_0_1{IN_TOPICS}"
    try:
        Client(stand.broker.port, stranger, "u" + IN_TOPICS, "p").connect()
    except LoginRefused:
        pass
    wait_until(lambda: len(stand.service.items("/refusals")) == 3, "the refusals")
    wait_until(lambda: len(device.messages()) == 4, "the messages")
    command = queue(device, "config_set", settings={name: STEERING})

    asked = (["config", device.name], ["messages", device.name], ["messages"], ["refusals"], ["device", "show", device.name],
             ["commands", device.name], ["command", "show", str(command["command_id"])], ["properties", device.name],
             ["product", "show", product.product_id], ["product", "list"], ["device", "list", "--product", product.product_id])
    for words in asked:
        for lines in (stand.xgate(*words).stdout, "\n".join(on_a_terminal(stand, 100, *words)), "\n".join(on_a_terminal(stand, 400, *words))):
            assert not unprintable(lines), (words, unprintable(lines), lines)
        for program in (stand.xgate(*words, "--json").stdout, "\n".join(on_a_terminal(stand, 100, *words, "--json"))):
            assert not unprintable(program), (words, unprintable(program), program)
    shown = stand.xgate("config", device.name).stdout
    assert "Host\\u001b]52;c;ZWNobw==\\u0007 " in shown and "\\u009b2J" in shown and "\\u202e" in shown, shown

    same = {("config", device.name): stand.service.api("GET", f"/devices/{device.name}/config"),
            ("messages", device.name): device.messages(), ("refusals",): stand.service.items("/refusals")}
    for words, expected in same.items():
        assert json.loads(stand.xgate(*words, "--json").stdout) == expected, words
    assert name in same["config", device.name]["settings"], same

    wrong = stand.xgate("device", "show", "x" + STEERING, ok=False)
    assert wrong.returncode != 0 and not unprintable(wrong.stderr) and wrong.stderr.count("\n") == 1, wrong
    absent = stand.xgate("product", "show", device.name + STEERING, "--lang", "zh", ok=False)
    assert absent.returncode != 0 and not unprintable(absent.stderr), absent


run(what_devices_say_is_shown_and_not_obeyed)
