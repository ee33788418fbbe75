#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate`: one device goes AUTH, reconnect with V2_, time, firmware report and uplinks, plain and encrypted,
each step printed."""
from stand import run


def cli_simulates_a_whole_device(stand):
    for auth_type, encrypted in ((0, False), (0, True), (1, True), (2, False)):
        product = stand.product(auth_type=auth_type, encrypted=encrypted)
        device = stand.device(product, node_eui=f"Sim{auth_type}{int(encrypted)}x")
        done = stand.xgate("simulate", device.name, "--port", str(stand.broker.port), "--count", "3")
        stored = [m for m in device.messages() if m["topic"] == device.topic("uplink")]
        assert len(stored) == 3 and all(m["code"] == "200" and m["encrypted"] == encrypted for m in stored), stored
        assert device.shown()["firmware"], "no firmware report"
        assert done.stdout.count("\n") >= 5, done.stdout


run(cli_simulates_a_whole_device)
