#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-5: not JSON, 100,000 nested brackets, 2^64, duplicate keys, NUL, invalid UTF-8, megabytes: each is recorded as
a violation and answered 4001 where a MessageId can be read; the messages around it are handled as ever."""
from stand import run
from stand.waiting import wait_until


def hostile(member):
    return b'{"MessageId":1,"HeaderCtrl":4,"Payload":' + member + b',"Version":"2.0"}'


BODIES = {
    "empty": b"", "space": b" ", "not JSON": b"hello", "HTML": b"<html></html>", "cut off": hostile(b"{")[:-20],
    "two values": hostile(b"1") * 2, "trailing comma": b'{"MessageId":1,}', "single quotes": b"{'MessageId':1}",
    "a comment": b'{"MessageId":1 /* x */}', "an array": b"[1,2]", "a string": b'"4"', "null": b"null", "a number": b"17",
    "100,000 brackets": b"[" * 100000, "100,000 closed brackets": b"[" * 100000 + b"]" * 100000,
    "50,000 braces": b'{"a":' * 50000, "nested in the Payload": hostile(b"[" * 100 + b"]" * 100),
    "2^64": hostile(b"18446744073709551616"), "-2^63-1": hostile(b"-9223372036854775809"), "1e999": hostile(b"1e999"),
    "a duplicate key": b'{"MessageId":1,"MessageId":2,"HeaderCtrl":4,"Payload":{},"Version":"2.0"}',
    "a duplicate key inside": hostile(b'{"a":1,"a":2}'), "NaN": hostile(b"NaN"), "a bare NUL": hostile(b'"a\x00b"'),
    "only NULs": bytes(1000), "a NUL at the end": hostile(b"1") + b"\x00", "invalid UTF-8": hostile(b'"\xff\xfe"'),
    "overlong UTF-8": hostile(b'"\xc0\xaf"'), "a lone surrogate in UTF-8": hostile(b'"\xed\xa0\x80"'),
    "a lone surrogate escaped": hostile(b'"\\ud800"'), "UTF-16": hostile(b"1").decode().encode("utf-16"),
    "an escaped NUL": hostile(b'"\\u0000"'), "more than is read": hostile(b'"' + b"x" * 280000 + b'"'),
    "140,000 elements": hostile(b"[" + b"1," * 140000 + b"1]"), "only spaces": b" " * 290000,
    "random bytes": bytes(range(256)) * 4,
}


def frame_5_hostile_bodies_cost_only_themselves(stand):
    device, neighbour = stand.device(), stand.device()
    client = device.login(subscribe=["uplink_ack"])
    neighbours = neighbour.login(subscribe=["uplink_ack"])
    for number, body in enumerate(BODIES.values()):
        client.publish(device.topic("uplink"), body, wait=False)
        assert device.send(client, "uplink", {"n": number}, 1000 + number)["Payload"]["Code"] == "200"
    assert neighbour.send(neighbours, "uplink", {})["Payload"]["Code"] == "200"

    stored = device.messages()
    good = [m for m in stored if m["code"] == "200"]
    bad = [m for m in stored if m["code"] != "200"]
    assert len(good) == len(BODIES), len(good)
    assert len(bad) == len(BODIES), f"{len(bad)} of {len(BODIES)} on record"
    assert all(m["requirement"].startswith("FRAME-") and m["reason"] for m in bad), bad
    assert all(m["payload"] is None for m in bad), "nothing is made of what cannot be read"
    assert client.unclaimed() == [] or all(b'"4001"' in body for _topic, body in client.unclaimed())
    counted = stand.database.sql("SELECT count(*) FROM message WHERE NOT redelivered")
    assert counted == [[str(2 * len(BODIES) + 1)]], counted
    wait_until(stand.service.ready, "the service still ready")


run(frame_5_hostile_bodies_cost_only_themselves,
    broker_options=["--messages-per-second", "0", "--bytes-per-second", "0"])
