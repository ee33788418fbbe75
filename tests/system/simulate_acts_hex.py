#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario` acts a HEX product's device: its bytes become values by the product's script, and set, ask and
call reach it as bytes that it answers with its own."""
import json

from stand import builds, run
from stand.simulator import Simulator

# docs/examples/hex-demo.js speaks of these.
MODEL = {
    "properties": [
        {"identifier": "prop_int16", "name": "i", "accessMode": "rw", "required": False,
         "dataType": {"type": "int", "specs": {"min": "-32768", "max": "32767"}}},
        {"identifier": "prop_bool", "name": "b", "accessMode": "rw", "required": False,
         "dataType": {"type": "bool", "specs": {"0": "off", "1": "on"}}},
        {"identifier": "prop_float", "name": "f", "accessMode": "rw", "required": False,
         "dataType": {"type": "float", "specs": {}}}],
    "events": [{"identifier": "alarm", "name": "alarm", "type": "alert", "required": False,
                "outputData": [{"identifier": "code", "name": "c", "dataType": {"type": "int", "specs": {}}}]}],
    "services": [{"identifier": "calibrate", "name": "calibrate", "required": False,
                  "inputData": [{"identifier": "offset", "name": "o", "dataType": {"type": "int", "specs": {}}}],
                  "outputData": [{"identifier": "offset", "name": "o", "dataType": {"type": "int", "specs": {}}}]}],
}
SCENARIO = """
[[do]]
hex = "00f0ff013FA00000"
[[do]]
hex = "0407"
as = "event"
[[do]]
hex = "00 0005 01 3FA00000"
as = "full"
[[do]]
hex = "ff"
expect = "4001"
[[on]]
hex = "call"
reply = "03 00 0003"
[[on]]
hex = "ask"
reply = "00 0009 01 3FA00000"
"""


def acts(stand, encrypted):
    product = stand.product(auth_type=0, encrypted=encrypted, kind="hex")
    stand.service.api("PUT", f"/products/{product.product_id}/model", MODEL)
    script = (builds.SOURCE / "docs/examples/hex-demo.js").read_text(encoding="utf-8")
    stored = stand.service.request("PUT", f"/api/v1/products/{product.product_id}/script", script,
                                   content_type="text/javascript")
    assert stored.status in (200, 201, 204), stored
    device = stand.device(product, node_eui="Hex00001")

    # the first run registers the device
    path = stand.folder / "hex.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    done = stand.xgate("simulate", device.name, "--scenario", str(path), "--port", str(stand.broker.port),
                       "--login-type", "0", "--timeout-ms", "20000", "--json")
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["status"] == "done" and result["acked"] == result["sent"], result
    values = {v["identifier"]: v["value"]
              for v in stand.service.api("GET", f"/devices/{device.name}/properties")["items"]}
    assert values["prop_float"] == 1.25 and values["prop_int16"] in (-3841, 5), values
    events = stand.service.items(f"/devices/{device.name}/events")
    assert [e["identifier"] for e in events] == ["alarm"], events

    # given while it is away, answered at its next login
    queued = [stand.service.api("POST", f"/devices/{device.name}/commands", body) for body in (
        {"kind": "set", "params": {"prop_int16": 45, "prop_bool": 1, "prop_float": 123.5}, "encrypt": encrypted},
        {"kind": "call", "service": "calibrate", "params": {"offset": 3}, "encrypt": encrypted},
        {"kind": "ask", "params": ["prop_int16"], "encrypt": encrypted})]
    simulator = Simulator(stand, device, SCENARIO + '[[do]]\nevery = "1h"\nhex = "00f0ff013FA00000"\n')
    try:
        settled = [stand.service.api("GET", f"/commands/{each['command_id']}?wait=40") for each in queued]
        assert [each["state"] for each in settled] == ["done"] * 3, settled
        assert settled[1]["result"] == {"offset": 3}, settled[1]
        status, result, faults = simulator.end()
    finally:
        simulator.kill()
    assert status == 0 and not faults and result["commands"] == result["answered"] == 3, (faults, result)


def simulate_acts_hex(stand):
    acts(stand, encrypted=False)
    acts(stand, encrypted=True)


run(simulate_acts_hex)
