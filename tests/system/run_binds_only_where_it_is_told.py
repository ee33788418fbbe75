#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run --bind 0.0.0.0: MQTT and downloads are reached by every address of this machine, which are printed; the HTTP API by
loopback only, but where --http-bind says otherwise. Failed
logins wait for seconds only where nobody else can try."""
import subprocess

from stand.ports import is_listening
from stand.run_script import Checkout
from stand.stand import run_program

ANOTHER = "127.0.0.2"  # an address of every machine that a server on 127.0.0.1 does not have


def run_binds_only_where_it_is_told(checkout):
    def longest_wait():
        settings = (checkout.state / "broker" / "mosquitto.conf").read_text(encoding="utf-8")
        return settings.split("plugin_opt_login_longest_backoff ")[1].split()[0]
    def accounts_come_from():
        settings = (checkout.state / "broker" / "mosquitto.conf").read_text(encoding="utf-8")
        return settings.split("plugin_opt_accounts_from ")[1].splitlines()[0]
    checkout.start("--bind", "0.0.0.0")
    checkout.wait_ready()
    assert longest_wait() == "900"
    assert accounts_come_from() == "127.0.0.1 ::1"
    said = checkout.process.log()
    for address in subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split():
        if ":" not in address:
            assert f"from other machines {address}:{checkout.mqtt_port}" in said, said
    assert f"HTTP API    http://127.0.0.1:{checkout.http_port}/" in said, said
    assert is_listening(checkout.mqtt_port, ANOTHER) and is_listening(checkout.download_port, ANOTHER)
    assert is_listening(checkout.http_port) and not is_listening(checkout.http_port, ANOTHER)
    checkout.process.stop()
    checkout.start("--http-bind", "0.0.0.0")
    checkout.wait_ready()
    assert longest_wait() == "5"
    assert is_listening(checkout.http_port, ANOTHER)
    assert not is_listening(checkout.mqtt_port, ANOTHER) and not is_listening(checkout.download_port, ANOTHER)
    checkout.process.stop()
    own = [address for address in subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
           if ":" not in address]
    if own:  # the service connects to that address, and from it
        checkout.start("--bind", own[0])
        checkout.wait_ready()
        assert accounts_come_from() == f"127.0.0.1 ::1 {own[0]}"
        checkout.process.stop()


run_program(run_binds_only_where_it_is_told, Checkout)
