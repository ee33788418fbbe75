#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario`: a broker that is restarted, however long that takes, ends no run: the devices connect again and
go on, which is said once; a login that is refused afterwards still ends it for that device, with the reason."""
import json
import signal
import subprocess

from stand import builds, run
from stand.waiting import seconds, wait_until

SCENARIO = """
[devices]
product = "{product}"
first = "Sim0001"
count = 3

[[do]]
every = "100ms"
uplink = {{ n = "@count" }}
"""


def simulate_outlives_a_restart_of_the_broker(stand):
    product = stand.product(auth_type=0, kind="transparent")
    stand.settle()
    scenario = stand.folder / "on.toml"
    scenario.write_text(SCENARIO.format(product=product.product_id), encoding="utf-8")
    output = stand.folder / "simulate.out"
    with open(output, "w", encoding="utf-8") as file:
        simulator = subprocess.Popen(
            [builds.XGATE, "simulate", "--scenario", str(scenario), "--login-type", "0", "--port", str(stand.broker.port),
             "--timeout-ms", "20000", "--json"], stdout=file,
            env={**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                 "XGATE_TOKEN_FILE": str(stand.service.token_file)})

    def lines(name):
        complete = output.read_text(encoding="utf-8").split("\n")[:-1]
        return [line for line in map(json.loads, complete) if line["name"] == name]

    try:
        wait_until(lambda: lines("progress") and lines("progress")[-1]["acked"] > 10, "the devices to report")
        stand.broker.stop()
        wait_until(lambda: lines("connection"), "the loss to be said")
        # longer than three tries, which end what never was connected
        wait_until(lambda: lines("progress")[-1]["elapsed_s"] > lines("connection")[0]["elapsed_s"] + 8, "some seconds to pass")
        assert not lines("fault") and simulator.poll() is None, output.read_text(encoding="utf-8")
        stand.broker.start()
        wait_until(lambda: len(lines("connection")) == 2, "all to be connected again", timeout=60)
        lost, back = lines("connection")
        assert lost["lost"] and lost["reason"] and not back["lost"], (lost, back)
        before = lines("progress")[-1]["acked"]
        wait_until(lambda: lines("progress")[-1]["acked"] > before + 10, "them to go on")

        stand.service.api("POST", f"/devices/{product.product_id}.Sim0002/disable")
        wait_until(lambda: lines("fault"), "the refused login to be told", timeout=60)
        fault = lines("fault")[0]
        assert fault["requirement"] == "V2-6" and fault["device"].endswith(".Sim0002"), fault
        simulator.send_signal(signal.SIGINT)
        assert simulator.wait(timeout=seconds(30)) == 1
    finally:
        simulator.kill()
        simulator.wait()
    result = lines("result")[0]
    assert result["given_up"] == 1 and result["lost"] >= 4 and result["unanswered"] == 0, result


run(simulate_outlives_a_restart_of_the_broker)
