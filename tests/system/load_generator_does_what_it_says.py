#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""xgate-load, which benchmarks and faults rest on: every report in its log is counted and in the database, every ack is
one that the platform gave, and its three modes do what they say. Its speed is nobody's business here."""
import json
import os
import subprocess

from stand import builds, thing_model
from stand.stand import run
from stand.waiting import seconds

SEED = "a-seed-that-stands-in-a-file-only"


def load(stand, devices, mode, *options, status=0):
    made = subprocess.run(
        [builds.BUILD / "bin" / "xgate-load", mode, "--port", str(stand.broker.port), "--devices", devices,
         "--drain", str(seconds(20)), "--ack-timeout", str(seconds(20)), "--duration", "0", *options],
        capture_output=True, text=True, timeout=seconds(60))
    assert made.returncode == status, f"{made.returncode} {made.stdout}{made.stderr}"
    return json.loads(made.stdout) if made.stdout else None


def device_file(stand, devices):
    path = stand.folder / "devices.csv"
    lines = [f"{d.product.open_id},{d.product.product_id},{d.node_eui},{d.product.product_key},{d.device_secret}"
             for d in devices]
    path.write_text("OpenID,ProductID,NodeEui,ProductKey,DeviceSecret\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def read_log(path):
    found = {"sent": set(), "acked": set()}
    for line in path.read_text(encoding="utf-8").splitlines():
        what, device, message_id = line.split(" ")
        assert (device, message_id) not in found[what], line
        found[what].add((device, message_id))
    return found


def stored(stand):
    return {(f"{product}.{node}", message_id) for product, node, message_id in
            stand.database.sql("SELECT product_id, node_eui, message_id FROM message")}


def load_generator_does_what_it_says(stand):
    product, modelled = stand.product(), thing_model.modelled_product(stand)
    devices = [stand.device(product) for _ in range(20)]
    file = device_file(stand, devices)

    for options in (["--window", "2"], ["--rate", "500", "--mqtt5"]):
        log = stand.folder / f"messages-{len(options)}"
        told = load(stand, file, "uplink", "--connections", "20", "--count", "300", "--log", str(log), "--watch",
                    f"broker={stand.broker.process.pid}", "--first-message-id", str(1000 * len(options)), *options)
        kept = read_log(log)
        assert (told["sent"], told["acked"], told["refused"], told["unanswered"]) == (300, 300, 0, 0), told
        assert len(kept["sent"]) == 300 and kept["acked"] == kept["sent"]
        assert {device for device, _ in kept["sent"]} == {device.name for device in devices}
        assert kept["sent"] <= stored(stand)
        assert told["ended"] == "count" and told["processor"]["broker"]["seconds"] > 0
        assert told["latency_us"]["count"] == 300, told
        assert told["latency_us"]["p50"] <= told["latency_us"]["max"], told

    told = load(stand, file, "connect", "--connections", "4", "--count", "60")
    assert (told["logins"], told["logins_failed"], told["operations"]) == (60, 0, 60), told
    told = load(stand, file, "publish", "--connections", "20", "--count", "100", "--body", "1")
    assert (told["sent"], told["acked"]) == (100, 100), told

    # what the platform refuses is not told as acked: a report that its model does not know
    log = stand.folder / "refused"
    file = device_file(stand, [stand.device(modelled)])
    told = load(stand, file, "uplink", "--payload", "model", "--body", '{"unheard":{n}}', "--count", "5", "--log", str(log))
    assert (told["sent"], told["acked"], told["refused"]) == (5, 0, 5), told
    assert len(read_log(log)["sent"]) == 5 and not read_log(log)["acked"]
    told = load(stand, file, "uplink", "--payload", "model", "--count", "5")
    assert (told["acked"], told["refused"]) == (5, 0), told

    # a stranger gets nowhere, and the run ends by itself
    rule = stand.folder / "rule.json"
    rule.write_text(json.dumps({"open_id": product.open_id, "product_id": product.product_id, "seed": SEED,
                                "product_key": product.product_key, "count": 10}), encoding="utf-8")
    os.chmod(rule, 0o600)
    made = subprocess.run(
        [builds.BUILD / "bin" / "xgate-load", "connect", "--port", str(stand.broker.port), "--rule", str(rule),
         "--count", "3"], capture_output=True, text=True, timeout=seconds(60))
    assert made.returncode == 1 and json.loads(made.stdout)["logins_failed"] == 3, made
    assert SEED not in made.stderr + made.stdout


run(load_generator_does_what_it_says)
