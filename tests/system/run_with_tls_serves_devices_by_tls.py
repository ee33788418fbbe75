#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run --tls: devices log in by TLS too, with the development certificate that it makes; so does the `simulate` line that
is printed, and without its --ca-file the error names that."""
import json
import re
import shlex
import subprocess

from stand.run_script import Checkout, run_as_user
from stand.stand import run_program
from stand.waiting import wait_until


def run_with_tls_serves_devices_by_tls(checkout):
    checkout.start("--tls", "--tls-port", str(checkout.tls_port))
    checkout.wait_ready()
    said = checkout.process.log()
    certificate = re.search(r"--cafile (\S+?)\)?$", said, re.M)[1]
    vendor = json.loads(checkout.xgate("vendor", "add", "--name", "Acme", "--json"))
    product = json.loads(checkout.xgate("product", "add", "--vendor", vendor["open_id"], "--name", "Meter", "--auth", "0",
                                        "--kind", "transparent", "--reveal", "--json"))
    o, p = vendor["open_id"], product["product_id"]
    request = json.dumps({"MessageId": 7, "HeaderCtrl": 1, "Version": "2.0",
                          "Payload": {"OpenID": o, "ProductID": p, "NodeEui": "Meter1", "Type": 0}})

    def ask():
        return subprocess.run(["mosquitto_rr", "-h", "127.0.0.1", "-p", str(checkout.tls_port), "--cafile", certificate,
                               "-i", f"{p}-Meter1", "-u", f"AUTH-{o}-{p}", "-P", product["product_key"], "-q", "1",
                               "-t", "/sys/device/auth", "-e", f"/sys/{o}/{p}/Meter1/downlink", "-m", request, "-W", "20"],
                              capture_output=True, text=True)
    done = wait_until(lambda: (d := ask()).returncode == 0 and d, "an auth reply by TLS", 60)
    assert json.loads(done.stdout)["Payload"]["Code"] == 0, done.stdout

    checkout.xgate("product", "add", "--vendor", o, "--name", "lock", "--auth", "0", "--kind", "json", "--encrypted",
                   "--product-id", "5EC0DE01")
    line = re.search(r"^ +xgate (simulate .*--tls .*)$", said, re.M)[1]
    assert f"--port {checkout.tls_port} " in line and f"--ca-file {certificate} " in line, line

    def simulate(arguments):
        argv = [str(checkout.folder / "build/bin/xgate"), *shlex.split(arguments), "--count", "1", "--json"]
        return subprocess.run(run_as_user(argv), capture_output=True, text=True, timeout=60, env=checkout.client_environment())
    wait_until(lambda: simulate(line).returncode == 0, "a device to go the whole way by TLS", 60)
    untrusting = simulate(line.replace(f" --ca-file {certificate}", ""))
    assert untrusting.returncode == 1, untrusting
    assert "certificate is not trusted" in untrusting.stdout and "--ca-file" in untrusting.stdout, untrusting
    checkout.process.stop()


run_program(run_with_tls_serves_devices_by_tls, Checkout)
