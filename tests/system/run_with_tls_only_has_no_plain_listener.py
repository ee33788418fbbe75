#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run --tls-only: devices and the service log in by TLS; nobody listens for plain MQTT, and nothing that is printed tells to
use it."""
import re
import shlex
import subprocess

from stand.ports import is_listening
from stand.run_script import Checkout, run_as_user
from stand.stand import run_program


def run_with_tls_only_has_no_plain_listener(checkout):
    checkout.start("--tls-only", "--tls-port", str(checkout.tls_port))
    checkout.wait_ready()
    said = checkout.process.log()
    assert is_listening(checkout.tls_port) and not is_listening(checkout.mqtt_port)
    assert str(checkout.mqtt_port) not in said, said
    checkout.xgate("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
    checkout.xgate("product", "add", "--vendor", "7ED01E2A", "--name", "lock", "--auth", "0", "--kind", "json", "--encrypted",
                   "--product-id", "5EC0DE01")
    lines = re.findall(r"^ +xgate (simulate .*)$", said, re.M)
    assert len(lines) == 1 and "--tls" in lines[0], lines
    argv = [str(checkout.folder / "build/bin/xgate"), *shlex.split(lines[0]), "--count", "1"]
    done = subprocess.run(run_as_user(argv), capture_output=True, text=True, timeout=60, env=checkout.client_environment())
    assert done.returncode == 0, done
    checkout.process.stop()


run_program(run_with_tls_only_has_no_plain_listener, Checkout)
