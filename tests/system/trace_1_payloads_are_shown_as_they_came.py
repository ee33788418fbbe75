#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1: payloads are shown in the order and the bytes that came, encrypted ones as they were encrypted; of what is not JSON
the whole message, with control characters, blanks at its ends and bytes that are no text to be seen. What a device answers
keeps its order too."""
import json

from stand import run
from stand.crypto import seal
from stand.waiting import wait_until

TEXT = '{ "z": 1.50,\t"a":{"y":2,"b":[]} ,\n"k" : 1e2}'
SHOWN = TEXT.replace("\t", "␉").replace("\n", "␊")


def as_sent(message_id, payload, header_ctrl=4):
    return f'{{"MessageId":{message_id},"HeaderCtrl":{header_ctrl},"Payload":{payload},"Version":"2.0"}}'


def shown_as_text(stand, device, *texts):
    shown = stand.xgate("messages", device.name).stdout
    for text in texts:
        assert text in shown, (text, shown)
    printed = stand.xgate("messages", device.name, "--json").stdout
    assert '"payload":{"z":1.5,"a":{"y":2,"b":[]},"k":100.0}' in printed, printed


def plain(stand):
    device = stand.device(stand.product())
    client = device.login(subscribe=["uplink_ack", "downlink"])
    sent = [as_sent(1, TEXT).encode(), as_sent(2, "1").encode() + b"\0", as_sent(3, "1").encode() + b"}  ", b'{"\xce\xc2\xb6\xc8"\r\n']
    for body in sent:
        client.publish(device.topic("uplink"), body)
    messages = wait_until(lambda: (lambda m: m if len(m) == len(sent) else None)(device.messages()), "messages")[::-1]
    assert messages[0]["payload_text"] == TEXT and messages[1]["payload_text"] is None, messages
    shown_as_text(stand, device, SHOWN, as_sent(2, "1") + "␀", as_sent(3, "1") + "}␣␣", '{"\\xce¶\\xc8"␍␊')
    answers(stand, device, client)


def encrypted(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    client.publish(device.topic("uplink"), as_sent(1, json.dumps(seal(device.session_key, TEXT))))
    message = wait_until(lambda: next((m for m in device.messages() if m["encrypted"]), None), "the message")
    assert message["payload_text"] == TEXT, message
    shown_as_text(stand, device, SHOWN)


def answers(stand, device, client):
    ordered = '{"z":1,"a":2,"m":3}'
    client.publish(device.topic("config_report"), as_sent(5, f'{{"Settings":{ordered}}}', 14))
    wait_until(lambda: ordered in stand.xgate("config", device.name, "--json", ok=False).stdout, "the settings in their order")
    command = stand.service.api("POST", f"/devices/{device.name}/commands", {"kind": "down", "data": {"on": 1}})
    asked = json.loads(client.next(device.topic("downlink")).payload)
    client.publish(device.topic("downlink_ack"), as_sent(asked["MessageId"], f'{{"Data":{ordered},"Code":"200","Msg":"x"}}', 7))
    wait_until(lambda: stand.service.api("GET", f"/commands/{command['command_id']}")["state"] == "done", "the answer")
    for words in (("command", "show", str(command["command_id"])), ("commands", device.name), ("commands", device.name, "--json")):
        assert ordered in stand.xgate(*words).stdout, (words, stand.xgate(*words).stdout)


def trace_1_payloads_are_shown_as_they_came(stand):
    plain(stand)
    encrypted(stand)


run(trace_1_payloads_are_shown_as_they_came)
