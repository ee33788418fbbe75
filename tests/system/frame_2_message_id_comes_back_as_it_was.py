#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-2: MessageId is a string or a whole number; the reply carries the very same characters, and so does what is
stored. What is not a number gets no answer, under no number."""
from stand import run


def frame_2_message_id_comes_back_as_it_was(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    good = [0, 1, -1, 1231, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**64 - 1, -2**63, "", "0", "1231", "a\"b\\c",
            "设备", "x" * 200, "1e3"]
    for message_id in good:
        ack = device.send(client, "uplink", {"for": str(message_id)[:20]}, message_id)
        assert ack["MessageId"] == message_id and type(ack["MessageId"]) is type(message_id), (message_id, ack)
        assert ack["Payload"]["Code"] == "200", (message_id, ack)
    stored = [m["message_id"] for m in device.messages() if m["code"] == "200"]
    assert sorted(map(repr, stored)) == sorted(map(repr, good)), stored

    for written in ("1.0", "1e3", "-0", "1.796006251661e12", "70E-1"):
        body = '{"Payload":{},"HeaderCtrl":4.0,"MessageId":%s,"Version":"2.0"}' % written
        client.publish(device.topic("uplink"), body)
        answer = client.next(device.topic("uplink_ack")).payload.decode()
        assert answer.startswith('{"MessageId":%s,"HeaderCtrl":4,"Payload":{"Code":"200"' % written), answer

    bad_ids = ("null", "true", "1.5", "1e-3", "[1]", "{}", str(2**64), "-9223372036854775809", "0012", "0x10", "1_000", "1.")
    for bad in bad_ids:
        body = '{"MessageId":%s,"HeaderCtrl":4,"Payload":{},"Version":"2.0"}' % bad
        client.publish(device.topic("uplink"), body)
    client.publish(device.topic("uplink"), '{"HeaderCtrl":4,"Payload":1,"Version":"2.0"}')
    # where no MessageId can be read there is nothing to reply to: the next answer is that of the next good one
    assert device.send(client, "uplink", {}, 5)["MessageId"] == 5
    assert client.unclaimed() == [], client.unclaimed()
    refused = [m for m in device.messages() if m["code"] != "200"]
    assert len(refused) == len(bad_ids) + 1 and all(m["requirement"] and m["message_id"] is None for m in refused), refused


run(frame_2_message_id_comes_back_as_it_was)
