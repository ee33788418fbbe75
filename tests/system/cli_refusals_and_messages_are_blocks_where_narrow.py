#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where a terminal is too narrow for their rows, `xgate refusals` and `xgate messages` show a block for each: what identifies it first,
then each sentence in lines of its own, nothing interleaved, cut or wider than the terminal. In a pipe each row is one line."""
import re

from stand import run
from stand.raw_mqtt import RawClient
from stand.terminal import on_a_terminal
from stand.waiting import wait_until

FIRST = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d(  |$)")
HEADING = re.compile(r"(refused|received)_at [+-]\d\d:\d\d(  |$)")


def blocks_of(lines):
    """Each as its lines, the ones below the first indented."""
    blocks = []
    for line in lines:
        if line.startswith(" "):
            blocks[-1].append(line)
        else:
            assert FIRST.match(line), f"not the first line of a block: {line}"
            blocks.append([line])
    return blocks


def holds(block, *words):
    """Whether each stands there whole, in one line or folded where it has blanks or is longer than a line."""
    parts = [re.sub(r"^  [a-z]+ +", "", line).strip() for line in block]
    flat, glued = " ".join(" ".join(parts).split()), "".join(parts)
    return all(word in flat or word in glued for word in words)


def make_rows(stand, device):
    """Refusals and messages, short and long, of a device whose name is as long as they get."""
    client = device.login(subscribe=["model/property/report_ack"])
    for topic in ("downlink", "model/propertys/report", "Model/Property/Report ", "nothing/that/is/known"):
        client.publish(device.topic(topic), b"{}")
    assert client.subscribe("/sys/#")[0] >= 128
    device.send(client, "model/property/report", {"text": "y" * 2000})
    device.send(client, "model/property/report", {}, header_ctrl=5)
    stranger = RawClient(stand.broker.port)
    client_id, username, password = device.v2_credentials()
    assert stranger.login(client_id, username, password.lower()) == 5
    stranger.close()
    wait_until(lambda: len(stand.service.items("/refusals")) == 6, "the refusals")


def identity(row):
    return [row["device"], str(row["message_id"])] if "message_id" in row else [
        f"{row['product_id']}.{row['node_eui']}", row["what"], row["address"]]


def sentences(row):
    return [row[name] for name in ("requirement", "reason", "explanation") if row[name]]


def shown(row):
    topic = row["topic"] or ""
    return [*identity(row), *sentences(row), topic.replace(" ", "␣") if "what" in row else topic.split("/", 5)[-1]]


def cli_refusals_and_messages_are_blocks_where_narrow(stand):
    product = stand.product(kind="json")
    device = stand.device(product, node_eui="20MQTTJ0001ABCDEFGHIJKLMNOP00021")
    make_rows(stand, device)
    for command, rows in (("refusals", stand.service.items("/refusals")),
                          ("messages", stand.service.items(f"/products/{product.product_id}/messages"))):
        rows.reverse()  # oldest first, as they are shown
        for columns in (60, 80, 120, 200):
            lines = on_a_terminal(stand, columns, command, product.product_id)
            assert max(map(len, lines)) <= columns, (columns, lines)
            if HEADING.match(lines[0]):
                assert columns == 200, "rows are told apart only where they fit"
                continue
            blocks = blocks_of(lines)
            assert len(blocks) == len(rows), (columns, lines)
            for row, block in zip(rows, blocks):
                assert holds(block, *shown(row)), (columns, shown(row), block)
        piped = stand.xgate(command, product.product_id).stdout.splitlines()
        assert HEADING.match(piped[0]) and len(piped) == 1 + len(rows), piped
        for row, line in zip(rows, piped[1:]):
            assert all(word in line for word in shown(row)), (row, line)


run(cli_refusals_and_messages_are_blocks_where_narrow)
