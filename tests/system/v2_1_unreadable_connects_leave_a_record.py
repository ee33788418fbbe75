#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-1: the broker drops a CONNECT whose client id holds NUL or a line break without asking anybody. It is on record all the
same, with its address; connections that say nothing are not, and a login that is refused is on record once."""
from stand import run
from stand.raw_mqtt import RawClient


def v2_1_unreadable_connects_leave_a_record(stand):
    device = stand.device()
    client_id, username, password = device.v2_credentials()
    RawClient(stand.broker.port, address="127.0.0.9").close()
    for number, odd in enumerate((client_id + "\0", client_id + "\r\n", client_id + "\x7f", b"V2_\xff")):
        address = f"127.0.0.{10 + number}"
        raw = RawClient(stand.broker.port, address=address)
        assert raw.login(odd, username, password) is None, "dropped without an answer"
        told = stand.refused("V2-1", address=address)
        assert "line break" in told["reason"] and told["client_id"] == "", told
    raw = RawClient(stand.broker.port, address="127.0.0.20")
    assert raw.login(client_id, username + "\n", password) is None
    stand.refused("V2-1", address="127.0.0.20")
    raw = RawClient(stand.broker.port, address="127.0.0.21")
    assert raw.login("anybody", None, None) == 5
    assert "neither an AUTH-" in stand.refused("V2-1", address="127.0.0.21")["reason"]
    seen = [item["address"] for item in stand.service.items("/refusals", limit=200)]
    assert "127.0.0.9" not in seen and seen.count("127.0.0.21") == 1, seen


run(v2_1_unreadable_connects_leave_a_record)
