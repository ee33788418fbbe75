#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of docs/flows that an application would type works as it stands there, in both languages the same: against
a device that `xgate simulate` acts."""
import json
import os
import re
import subprocess

from stand import builds, run
from stand.simulator import Simulator
from stand.waiting import seconds, wait_until

PAGES = ("uplink-downlink", "properties", "events", "services", "history", "configuration", "commands", "hex")
KEY = "DB6FACEF35BEBA0517712F0E4BE32936"


def value(identifier, kind, **specs):
    return {"identifier": identifier, "name": identifier, "accessMode": "rw", "required": False,
            "dataType": {"type": kind, "specs": specs}}


MODEL = {
    "properties": [value("temp", "int", min="-40", max="125"), value("humi", "int", min="0", max="100"),
                   value("Power", "text", length="10"), value("WF", "int", min="0", max="10")],
    "events": [{"identifier": "alarmEvent", "name": "alarm", "type": "alert", "required": False,
                "outputData": [value("Power", "text", length="10"), value("WF", "int")]}],
    "services": [{"identifier": "switch", "name": "switch", "required": False, "inputData": [value("on", "int")],
                  "outputData": [value("on", "int")]}],
}
HEX_MODEL = {
    "properties": [value("prop_int16", "int"), value("prop_bool", "bool", **{"0": "off", "1": "on"}),
                   value("prop_float", "float")],
    "events": [{"identifier": "alarm", "name": "alarm", "type": "alert", "outputData": [value("code", "int")]}],
    "services": [{"identifier": "calibrate", "name": "calibrate", "inputData": [value("offset", "int")],
                  "outputData": [value("offset", "int")]}],
}
HEX_SCENARIO = """
[[do]]
every = "1h"
config = true
[[on]]
hex = "call"
reply = "03 00 0003"
[[on]]
hex = "ask"
reply = "00 002d 01 3FA00000"
"""
SCENARIO = """
[device]
settings = { Host = "10.200.0.135", Port = 7200 }
[[do]]
report = { temp = 100, humi = 20 }
[[do]]
history = { properties = { Power = "on", WF = "3" }, events = { alarmEvent = { Power = "on", WF = "2" } } }
[[do]]
every = "1h"
config = true
[[on]]
call = "switch"
data = { on = 1 }
"""


def commands_of(page):
    """Each command line of the page's shell blocks, continued lines joined."""
    text = (builds.SOURCE / "docs/flows" / page).read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+# .*$", "", line) for line in lines if line.strip() and not line.startswith("#")]


def docs_flows_examples_work(stand):
    stand.vendor(open_id="7ED01E2A")
    product = stand.product(auth_type=0, kind="json", open_id="7ED01E2A", product_id="AA30C505", product_key=KEY)
    stand.service.api("PUT", f"/products/{product.product_id}/model", MODEL)
    device = stand.device(product, node_eui="20MQTTJ000121")
    hex_product = stand.product(auth_type=0, kind="hex", open_id="7ED01E2A")
    stand.service.api("PUT", f"/products/{hex_product.product_id}/model", HEX_MODEL)
    hex_device = stand.device(hex_product, node_eui="Hex00001")
    stand.settle()
    (stand.folder / "docs").symlink_to(builds.SOURCE / "docs")
    (stand.folder / "meter.json").write_text(json.dumps(MODEL), encoding="utf-8")
    simulator = Simulator(stand, device, SCENARIO)
    hex_simulator = Simulator(stand, hex_device, HEX_SCENARIO)
    prelude = f"""set -u
PATH={builds.XGATE.parent}:$PATH; API={stand.service.url}/api/v1
api() {{ curl -sS --fail-with-body --noproxy '*' -H "Authorization: Bearer $(cat {stand.service.token_file})" -H 'Content-Type: application/json' "$@"; }}
"""
    environment = {**os.environ, **builds.xgate_environment(), "XGATE_URL": stand.service.url,
                   "XGATE_TOKEN_FILE": str(stand.service.token_file)}

    def type_in(page, command):
        name = hex_device.name if page == "hex" else device.name
        return subprocess.run(["bash", "-c", f"{prelude}D={name}; P=${{D%.*}}\n{command}"], cwd=stand.folder, env=environment, text=True,
                              capture_output=True, timeout=seconds(60))
    try:
        wait_until(lambda: stand.database.sql("SELECT 1 FROM message WHERE header_ctrl = 27 AND code = '200'"),
                   "the history to be stored", 40)
        for page in PAGES:
            commands = commands_of(page + ".md")
            assert commands and commands == commands_of(page + ".zh-CN.md"), f"{page}: the languages differ"
            for command in commands:
                if re.search(r"(show|cancel) 12|commands/12", command):
                    continue  # a number of the page's own
                if "--encrypt" in command:
                    continue  # of an encrypted product
                done = type_in(page, command)
                assert done.returncode == 0, f"{page}: {command}\n{done.stdout}{done.stderr}"
                if "wait" in command and "commands" in command:
                    assert json.loads(done.stdout)["state"] == "done", f"{page}: {command}\n{done.stdout}"
        for each in (simulator, hex_simulator):
            status, result, faults = each.end()
            assert status == 0 and not faults, (faults, result)
    finally:
        simulator.kill()
        hex_simulator.kill()


run(docs_flows_examples_work)
