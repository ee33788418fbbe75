#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The open commands of a product, of all its devices, are listed newest first and in pages, and found without a look at what is
settled; the command line shows them within the terminal's width, and the open ones of one device too."""
import json

from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.terminal import on_a_terminal
from stand.waiting import wait_until


def looks(stand):
    """How often the whole table was read, and how often the index."""
    whole = stand.database.sql("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'command'")
    index = stand.database.sql("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'command_open_by_product'")
    return int(whole[0][0]), int(index[0][0])


def commands_open_ones_of_a_product_are_listed(stand):
    product, elsewhere = stand.product(kind="json"), stand.product(kind="json")
    away, there, other = stand.device(product), stand.device(product), stand.device(elsewhere)
    client = there.login(subscribe=["downlink"])
    done = queue(there, "down", data="done")
    acknowledge(there, client, "downlink_ack", receive(there, client, "downlink")["MessageId"])
    in_state(there, done, "done")
    queue(other, "down", data="another product's")
    wanted = [queue(away, "set", params={"n": 0})]
    for number in range(1, 7):
        wanted.append(queue(away if number % 2 else there, "down", data=number))
    numbers = [command["command_id"] for command in reversed(wanted)]

    path = f"/products/{product.product_id}/commands"
    for limit in (1, 3, 7, 8):
        assert [c["command_id"] for c in stand.service.items(path, open="true", limit=limit)] == numbers, limit
    for _each in range(3):
        acknowledge(there, client, "downlink_ack", receive(there, client, "downlink")["MessageId"])
    wait_until(lambda: [c["command_id"] for c in stand.service.items(path, open="true")] ==
               [c["command_id"] for c in reversed(wanted) if c["device"] == away.name], "the answered ones to be gone")
    assert {c["reason"] for c in stand.service.items(path, open="true", state="queued")} == {"the device is offline"}
    assert stand.service.items(path, open="true", state="sent") == []
    assert [c["command_id"] for c in stand.service.items(f"/devices/{there.name}/commands", open="true")] == []
    assert len(stand.service.items(f"/devices/{there.name}/commands", open="false")) == 4
    assert stand.service.items(f"/products/{stand.product().product_id}/commands", open="true") == []
    for query, status in (("", 400), ("?open=false", 400), ("?open=yes", 400), ("?open=true&cursor=x", 400)):
        assert stand.service.request("GET", f"/api/v1{path}{query}").status == status, query
    assert stand.service.request("GET", "/api/v1/products/FFFFFFFF/commands?open=true").status == 404

    # among very many that are settled, or another product's
    for device, state, settled_at in ((there, "done", "now()"), (other, "queued", "NULL")):
        stand.database.sql(f"""
            INSERT INTO command (device_id, product_id, kind, topic, header_ctrl, payload, message_id, state, settled_at, expires_at)
            SELECT device_id, product_id, 'down', 'downlink', 7, '{{}}', n, '{state}', {settled_at}, now() + interval '1 day'
            FROM device, generate_series(1, 20000) n WHERE node_eui = '{device.node_eui}'""")
    stand.database.sql("ANALYZE command")

    def by_the_index_alone():  # what was looked at before is counted some time later: that is nobody's fault
        before = looks(stand)
        wait_until(lambda: len(stand.service.items(path, open="true")) == 4 and looks(stand)[1] >= before[1] + 3,
                   "the index of open commands to be used", every=0.3)
        return looks(stand)[0] == before[0]
    wait_until(by_the_index_alone, "the listing not to read the whole table")

    listed = json.loads(stand.xgate("commands", product.product_id, "--open", "--json").stdout)
    assert [c["command_id"] for c in listed] == [c["command_id"] for c in reversed(wanted) if c["device"] == away.name]
    for columns in (80, 120, 200):
        lines = on_a_terminal(stand, columns, "commands", product.product_id, "--open")
        assert max(map(len, lines)) <= columns, (columns, lines)
        words = " ".join(lines).split()
        assert words.count(away.name) == 4 and " ".join(words).count("the device is offline") == 4, lines
    assert away.name not in stand.xgate("commands", away.name, "--open").stdout
    assert stand.xgate("commands", away.name, "--open").stdout.count("offline") == 4
    wrong = stand.xgate("commands", product.product_id, ok=False)
    assert wrong.returncode == 2 and "--open" in wrong.stderr, wrong
    assert stand.xgate("commands", "x", ok=False).returncode == 2


run(commands_open_ones_of_a_product_are_listed)
