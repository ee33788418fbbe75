#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal tables of `xgate` keep to its width: what devices sent is cut with …, sentences go on in the next line whole;
what identifies a row is never cut, and rather makes the table wider; with --wide, and in a pipe, nothing is cut."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from stand import builds, run
from stand.raw_mqtt import RawClient
from stand.waiting import seconds, wait_until


def on_a_terminal(stand, columns, *arguments):
    terminal, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    running = subprocess.Popen([builds.XGATE, *arguments], stdin=subprocess.DEVNULL, stdout=other, stderr=subprocess.PIPE,
                               env={**builds.xgate_environment(), "XGATE_URL": stand.service.url, "NO_COLOR": "1",
                                    "XGATE_TOKEN_FILE": str(stand.service.token_file)})
    os.close(other)
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:  # how Linux tells that nobody writes there any more
        pass
    finally:
        os.close(terminal)
    assert running.wait(timeout=seconds(20)) == 0, running.stderr.read()
    return said.decode().replace("\r\n", "\n").splitlines()


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
