#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario`: 200 encrypted devices at once log in, report and are all answered; its summary agrees with
what the platform stored."""
import json

from stand import run

SCENARIO = """
[devices]
product = "{product}"
first = "Many0001"
count = 20
ramp = "200ms"

[[do]]
every = "200ms"
times = 5
uplink = {{ n = "@count", node = "@node", power = "0..100" }}
"""


def simulate_many_devices(stand):
    product = stand.product(auth_type=0, encrypted=True, kind="transparent")
    scenario = stand.folder / "many.toml"
    scenario.write_text(SCENARIO.format(product=product.product_id), encoding="utf-8")
    done = stand.xgate("simulate", "--scenario", str(scenario), "--devices", "200", "--login-type", "0",
                       "--port", str(stand.broker.port), "--timeout-ms", "20000", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    result = lines[-1]
    assert result["name"] == "result" and result["status"] == "done", done.stdout
    assert result["devices"] == result["logins"] == 200, result
    # auth, time, firmware and five uplinks each
    assert result["acked"] == result["sent"] == 200 * 8, result
    assert 0 < result["p50_ms"] <= result["p99_ms"], result
    assert any(line["name"] == "progress" for line in lines), done.stdout

    stored = stand.database.sql(f"""
        SELECT count(*), count(DISTINCT node_eui) FROM message
        WHERE product_id = '{product.product_id}' AND header_ctrl = 4 AND code = '200' AND encrypted""")
    assert [int(n) for n in stored[0]] == [1000, 200], stored

    wrong = stand.folder / "wrong.toml"
    wrong.write_text("[devices]\nproduct = \"AA30C505\"\nfirts = \"A001\"\n", encoding="utf-8")
    refused = stand.xgate("simulate", "--scenario", str(wrong), ok=False)
    assert refused.returncode == 1 and f"{wrong}:3: [devices] knows no \"firts\"" in refused.stderr, refused.stderr


run(simulate_many_devices)
