#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1: payloads are shown in the order and the bytes that came; of what is not JSON the whole message, with control
characters, blanks at its ends and bytes that are no text to be seen."""
from stand import run
from stand.waiting import wait_until

TEXT = '{ "z": 1.50,\t"a":{"y":2,"b":[]} ,\n"k" : 1e2}'


def as_sent(message_id, payload):
    return f'{{"MessageId":{message_id},"HeaderCtrl":4,"Payload":{payload},"Version":"2.0"}}'


def trace_1_payloads_are_shown_as_they_came(stand):
    device = stand.device(stand.product())
    client = device.login(subscribe=["uplink_ack"])
    sent = [as_sent(1, TEXT).encode(), as_sent(2, "1").encode() + b"\0", as_sent(3, "1").encode() + b"}  ", b'{"\xce\xc2\xb6\xc8"\r\n']
    for body in sent:
        client.publish(device.topic("uplink"), body)
    messages = wait_until(lambda: (lambda m: m if len(m) == len(sent) else None)(device.messages()), "messages")[::-1]
    assert messages[0]["payload_text"] == TEXT and messages[1]["payload_text"] is None, messages
    shown = stand.xgate("messages", device.name).stdout
    for text in (TEXT.replace("\t", "␉").replace("\n", "␊"), as_sent(2, "1") + "␀", as_sent(3, "1") + "}␣␣", '{"\\xCE¶\\xC8"␍␊'):
        assert text in shown, (text, shown)
    printed = stand.xgate("messages", device.name, "--json").stdout
    assert '"payload":{"z":1.5,"a":{"y":2,"b":[]},"k":100.0}' in printed, printed


run(trace_1_payloads_are_shown_as_they_came)
