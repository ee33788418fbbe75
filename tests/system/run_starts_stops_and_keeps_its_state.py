#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run: starts everything on free ports with a state folder, prints `ready`, ends at Ctrl-C leaving nothing running,
and finds everything again; --fresh begins anew and leaves what others keep in the folder; the token is its owner's alone; no secret is printed or logged."""
import json
import signal
import stat

from stand import logs
from stand.ports import is_listening
from stand.raw_mqtt import RawClient
from stand.run_script import Checkout
from stand.stand import run_program
from stand.waiting import wait_until


def run_starts_stops_and_keeps_its_state(checkout):
    checkout.start()
    checkout.wait_ready()
    said = checkout.process.log()
    assert str(checkout.mqtt_port) in said and str(checkout.http_port) in said, said
    token_file = checkout.state / "admin.token"
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    vendor = json.loads(checkout.xgate("vendor", "add", "--name", "Acme", "--json"))
    product = json.loads(checkout.xgate("product", "add", "--vendor", vendor["open_id"], "--name", "Meter", "--auth", "2",
                                        "--kind", "transparent", "--reveal", "--json"))
    name = f"{product['product_id']}.Meter1"
    checkout.xgate("device", "add", name)
    device = json.loads(checkout.xgate("device", "show", name, "--reveal", "--json"))

    def logs_in():
        raw = RawClient(checkout.mqtt_port)
        code = raw.login(device["client_id"], device["username"], device["password"])
        raw.close()
        return code == 0
    assert logs_in(), "what the API has confirmed"
    secrets = {token_file.read_text(encoding="utf-8").strip(): "API token", product["product_key"]: "ProductKey",
               device["device_secret"]: "DeviceSecret", device["password"]: "MQTT password"}

    for number in (signal.SIGINT, signal.SIGTERM):
        assert checkout.process.stop(number, 60) in (0, 130, 143)
        wait_until(lambda: not checkout.processes(), "nothing left running")
        assert not is_listening(checkout.mqtt_port) and not is_listening(checkout.http_port)
        checkout.start()
        checkout.wait_ready()
        again = json.loads(checkout.xgate("device", "show", name, "--reveal", "--json"))
        assert again["device_secret"] == device["device_secret"] and again["activated_at"], again
        wait_until(logs_in, "the device may log in after a restart")

    other = checkout.folder / "other.token"
    other.write_text(checkout.xgate("token", "add", "other", "--role", "admin"), encoding="utf-8")
    secrets[other.read_text(encoding="utf-8").strip()] = "another API token"
    assert "does not work" not in checkout.process.log()
    checkout.xgate("--token-file", str(other), "token", "revoke", "1")
    checkout.process.stop(signal.SIGINT, 60)
    checkout.start()
    checkout.wait_ready()
    said = checkout.process.log()
    assert f"The API token in {token_file} does not work: this token is not valid" in said, said
    assert "token add admin" in said and "psql" in said, said

    texts = {path: path.read_text(encoding="utf-8", errors="replace")
             for path in [*checkout.folder.glob("*.out"), *(checkout.state / "log").iterdir()]}
    for path, text in texts.items():
        assert not logs.find_secrets(text, secrets), path
    checkout.process.stop(signal.SIGINT, 60)
    kept = checkout.state / "secrets" / "broker_password"
    kept.parent.mkdir()
    kept.write_text("docker-compose.yml's", encoding="utf-8")
    checkout.start("--fresh")
    checkout.wait_ready()
    assert json.loads(checkout.xgate("vendor", "list", "--json")) == []
    assert kept.exists()
    checkout.process.stop(signal.SIGINT, 60)
    wait_until(lambda: not checkout.processes(), "nothing left running")


run_program(run_starts_stops_and_keeps_its_state, Checkout)
