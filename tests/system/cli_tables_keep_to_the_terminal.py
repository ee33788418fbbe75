#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal every table of `xgate` keeps to its width: what devices sent is cut with …, sentences go on in the next line
whole; with --wide, and in a pipe, nothing is cut."""
import fcntl
import os
import pty
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
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["uplink_ack"])
    device.send(client, "uplink", {"data": "x" * 3000})
    refused = device.send(client, "uplink", {}, header_ctrl=5)["Payload"]
    assert refused["Code"] != "200", refused
    stranger = RawClient(stand.broker.port)
    assert stranger.login("V2_" + "A" * 200, "x" * 40, "password") != 0
    stranger.close()
    wait_until(lambda: stand.service.items("/refusals"), "the refusal")

    for columns in (80, 120, 200):
        lines = on_a_terminal(stand, columns, "messages", device.name)
        assert max(map(len, lines)) <= columns, lines
        assert any("x…" in line for line in lines) and any("✓ 200" in line for line in lines), lines
        words = " ".join(lines).split()
        assert all(word in words for word in refused["Msg"].split()), (refused, lines)
        assert max(map(len, on_a_terminal(stand, columns, "refusals"))) <= columns
        listed = on_a_terminal(stand, columns, "device", "list", "--product", device.product.product_id)
        assert max(map(len, listed)) <= columns and (columns < 120 or any(device.name in line for line in listed)), listed
    for lines in (on_a_terminal(stand, 80, "messages", device.name, "--wide"),
                  stand.xgate("messages", device.name).stdout.splitlines()):
        assert any("x" * 3000 in line for line in lines), lines


run(cli_tables_keep_to_the_terminal)
