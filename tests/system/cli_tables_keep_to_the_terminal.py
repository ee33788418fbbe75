#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal tables of `xgate` keep to its width: what devices sent is cut with …, sentences go on in the next line whole;
what identifies a row is never cut, and rather makes the table wider; with --wide, and in a pipe, nothing is cut."""
import re

from stand import run
from stand.raw_mqtt import RawClient
from stand.terminal import on_a_terminal
from stand.waiting import wait_until


def cli_tables_keep_to_the_terminal(stand):
    product = stand.product(kind="json")
    device, other = (stand.device(product, node_eui=f"20MQTTJ0001ABCDEFGHIJKLMNOP{i:05d}") for i in (21, 22))
    client = device.login(subscribe=["uplink_ack"])
    device.send(client, "uplink", {"data": "x" * 3000}, message_id=1868341701)
    refused = device.send(client, "uplink", {}, message_id=1868341702, header_ctrl=5)["Payload"]
    assert refused["Code"] != "200", refused
    stranger = RawClient(stand.broker.port)
    assert stranger.login("V2_" + "A" * 200, "x" * 40, "password") != 0
    stranger.close()
    wait_until(lambda: stand.service.items("/refusals"), "the refusal")

    message_ids = [str(m["message_id"]) for m in stand.service.items(f"/devices/{device.name}/messages")]
    for columns in (60, 80, 120, 200):
        lines = on_a_terminal(stand, columns, "messages", device.name)
        assert columns < 120 or max(map(len, lines)) <= columns, lines
        assert any("…" in line for line in lines) and any("✓ 200" in line for line in lines), lines
        words = " ".join(lines).split()
        assert all(word in words for word in refused["Msg"].split()), (refused, lines)
        assert message_ids and set(message_ids) <= set(words), (message_ids, lines)
        times = re.findall(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\b", "\n".join(lines))
        assert len(times) == len(message_ids), (times, lines)
        refusals = on_a_terminal(stand, columns, "refusals")
        assert columns < 200 or max(map(len, refusals)) <= columns, refusals
        listed = on_a_terminal(stand, columns, "device", "list", "--product", product.product_id)
        assert columns < 200 or max(map(len, listed)) <= columns, listed
        assert {line.split()[0] for line in listed[1:]} == {device.name, other.name}, listed
    for lines in (on_a_terminal(stand, 80, "messages", device.name, "--wide"),
                  stand.xgate("messages", device.name).stdout.splitlines()):
        assert any("x" * 3000 in line for line in lines), lines


run(cli_tables_keep_to_the_terminal)
