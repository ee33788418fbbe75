#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario`: devices that are away at the end, because the broker was stopped in the middle, and devices that
could never log in, because the broker had no descriptor left for them, are faults: told, counted, status 1."""
import json
import os
import re
import resource
import subprocess

from stand import builds, run
from stand.waiting import seconds, wait_until

SCENARIO = """
[devices]
product = "{product}"
first = "{first}"
count = {count}
stay = "{stay}"

[[do]]
every = "200ms"
uplink = 1
"""


def simulate_tells_who_is_missing_at_the_end(stand):
    product = stand.product(auth_type=0, kind="transparent")

    def begin(first, count, stay):
        path = stand.folder / f"{first}.toml"
        path.write_text(SCENARIO.format(product=product.product_id, first=first, count=count, stay=stay), encoding="utf-8")
        with open(stand.folder / f"{first}.out", "w", encoding="utf-8") as output:
            return subprocess.Popen([builds.XGATE, "simulate", "--scenario", str(path), "--login-type", "0", "--timeout-ms", "2000",
                                     "--port", str(stand.broker.port), "--json"], stdout=output,
                                    env={**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                                         "XGATE_TOKEN_FILE": str(stand.service.token_file)})

    def lines(first, name):
        said = (stand.folder / f"{first}.out").read_text(encoding="utf-8").split("\n")[:-1]
        return [line for line in map(json.loads, said) if line["name"] == name]

    def result_of(first, process):
        status = process.wait(timeout=seconds(60))
        result = lines(first, "result")[0]
        assert status == 1 and result["status"] == "failed", (status, result)
        return result

    # as many descriptors as the broker uses now, and ten for devices
    broker = stand.broker.process.pid
    limits = resource.prlimit(broker, resource.RLIMIT_NOFILE)
    used = max(int(name) for name in os.listdir(f"/proc/{broker}/fd"))
    resource.prlimit(broker, resource.RLIMIT_NOFILE, (used + 10, limits[1]))
    result = result_of("Never0001", begin("Never0001", 20, "4s"))
    assert result["never_in"] > 0 and result["logins"] + result["never_in"] + result["given_up"] == 20, result
    resource.prlimit(broker, resource.RLIMIT_NOFILE, limits)

    process = begin("Left0001", 3, "10s")
    wait_until(lambda: (lines("Left0001", "progress") or [{"acked": 0}])[-1]["acked"] > 10, "the devices to report")
    stand.broker.stop()
    result = result_of("Left0001", process)
    assert result["away_at_end"] == 3 and result["logins"] == 3, result
    kinds = [kind["reason"] for kind in result["fault_kinds"]]
    assert any(re.search("away at the end without being told to: ", reason) for reason in kinds), kinds


run(simulate_tells_who_is_missing_at_the_end)
