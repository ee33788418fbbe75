#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What clients say stands in the broker's log (by the plugin) and in the service's as quoted fields: nothing in them moves a cursor or
turns the direction of writing, and none can pretend to be another field or another line."""
import json
import re
import unicodedata

from stand import run
from stand.mqtt_client import MQTT5, Client, LoginRefused
from stand.thing_model import METER
from stand.waiting import wait_until

STEERING = "\x1b]52;c;ZWNobw==\x07\x7f\u009b2J\u061c\u202e\u2066\u2028\ufeff\r\n"
IN_TOPICS, ESCAPED_IN_TOPICS = "\u202e\u2066\u061c\u2028", r"\u202e\u2066\u061c\u2028"  # what MQTT lets in
FORGED = 'x" device="7ED01E2A.other" reason="all is well'
FIELD = r'"((?:[^"\\]|\\.)*)"'


def unprintable(text):
    return {f"U+{ord(c):04X}" for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}


def unquoted(field):
    """But for the escapes of single characters, which stay."""
    return re.sub(r'\\(["\\])', r"\1", field)


def shown(text):
    return "".join(f"\\u{ord(c):04x}" if unprintable(c) else c for c in text)


def logs_show_what_clients_say_and_do_not_obey_it(stand):
    device = stand.device(stand.product(kind="json"))
    stand.service.api("PUT", f"/products/{device.product.product_id}/model", METER)
    client = device.login(version=MQTT5)
    for number, name in enumerate((STEERING, FORGED), 1):
        client.publish(device.topic("model/property/report"),
                       json.dumps({"MessageId": number, "HeaderCtrl": 16, "Payload": {name: 1}, "Version": "2.0"}, ensure_ascii=False))
    topic = device.topic(f'up{IN_TOPICS}", address 9.9.9.9, topic "x')
    client.publish(topic, b"{}")
    try:
        Client(stand.broker.port, f"V2_{device.name}_0_1{IN_TOPICS}\\", f'u", address 9.9.9.9 {IN_TOPICS}', "p").connect()
    except LoginRefused:
        pass
    wait_until(lambda: len(stand.service.items("/refusals")) == 2, "the refusals")
    wait_until(lambda: len(device.messages()) == 2, "the messages")

    violation = re.compile(rf"^\S+ warning violation \S+ device={FIELD} topic={FIELD} reason={FIELD}$", re.M)
    said = wait_until(lambda: (found := violation.findall(stand.service.process.log())) and len(found) == 4 and found, "the violations")
    assert {each[0] for each in said} == {device.name}, said
    assert {each[1] for each in said} == {"login", device.topic("model/property/report"), *(field for field in
                                          (each[1] for each in said) if unquoted(field) == shown(topic))}, said
    reasons = [unquoted(each[2]) for each in said if each[1].endswith("report")]
    assert len(reasons) == 2 and r"\u202e\u2066\u2028" in reasons[0] and FORGED in unquoted(reasons[1]), said
    assert not unprintable(stand.service.process.log()), unprintable(stand.service.process.log())

    ours = [line for line in stand.broker.process.log().splitlines() if "xgate: " in line]
    assert not any(unprintable(line) for line in ours), [line for line in ours if unprintable(line)]
    refused = [re.search(rf"refused, .* \(client id {FIELD}, username {FIELD}, address ([^,]*)(?:, topic {FIELD})?\)$", line)
               for line in ours if " refused, " in line]
    assert len(refused) == 2 and all(refused), ours
    assert {each[3] for each in refused} == {"127.0.0.1"}, ours
    assert unquoted(refused[0][4]) == shown(topic) and refused[1][1].endswith(ESCAPED_IN_TOPICS + r"\\"), ours
    client.disconnect()


run(logs_show_what_clients_say_and_do_not_obey_it)
