#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario` acts a JSON product's device: reports, events and history arrive as values; set, ask, call,
configuration and downlinks are answered by its rules, and again the same way in its encrypted form."""
from stand import run
from stand.simulator import Simulator
from stand.waiting import wait_until

MODEL = {
    "properties": [
        {"identifier": "temp", "name": "temperature", "accessMode": "rw", "required": False,
         "dataType": {"type": "double", "specs": {"min": "-40", "max": "125", "unit": "°C"}}},
        {"identifier": "humi", "name": "humidity", "accessMode": "r", "required": False,
         "dataType": {"type": "int", "specs": {"min": "0", "max": "100"}}}],
    "events": [{"identifier": "alarmEvent", "name": "alarm", "type": "alert", "required": False,
                "outputData": [{"identifier": "temp", "name": "t", "dataType": {"type": "double", "specs": {}}}]}],
    "services": [{"identifier": "switch", "name": "switch", "required": False,
                  "inputData": [{"identifier": "on", "name": "on", "dataType": {"type": "int", "specs": {}}}],
                  "outputData": [{"identifier": "on", "name": "on", "dataType": {"type": "int", "specs": {}}}]}],
}
SCENARIO = """
[device]
properties = { temp = "20.0..30.0", humi = 40 }
settings = { Host = "10.200.0.135", Port = 7200 }
[[do]]
report = { temp = 21.5, humi = "40..60" }
[[do]]
report = { temp = 999 }
expect = "4001"
[[do]]
event = "alarmEvent"
params = { temp = 99 }
[[do]]
history = { properties = { temp = "20.0..30.0" }, events = { alarmEvent = { temp = 98 } }, points = 3, step = "1m" }
[[on]]
set = "temp"
times = 1
code = "4001"
msg = "too hot"
[[on]]
call = "switch"
data = { on = 1 }
[[on]]
down = true
twice = true
"""


def command(stand, device, body):
    return stand.service.api("POST", f"/devices/{device.name}/commands?wait=30", body)


def acts(stand, encrypted):
    product = stand.product(auth_type=0, encrypted=encrypted, kind="json")
    stand.service.api("PUT", f"/products/{product.product_id}/model", MODEL)
    device = stand.device(product, node_eui=f"Thing{int(encrypted)}001")
    # the last one, so that it stays until it is interrupted
    simulator = Simulator(stand, device, SCENARIO + '[[do]]\nevery = "1h"\nreport = { humi = 50 }\n')
    try:
        wait_until(lambda: stand.database.sql(
            f"SELECT 1 FROM message WHERE product_id = '{product.product_id}' AND header_ctrl = 27 AND code = '200'"),
            "the history to be stored", 40)
        refused = command(stand, device, {"kind": "set", "params": {"temp": 50}, "encrypt": encrypted})
        assert (refused["state"], refused["code"]) == ("failed", "4001") and "too hot" in refused["reason"], refused
        done = command(stand, device, {"kind": "set", "params": {"temp": 25}, "encrypt": encrypted})
        assert (done["state"], done["code"]) == ("done", "200"), done
        asked = command(stand, device, {"kind": "ask", "params": ["temp"], "encrypt": encrypted})
        assert asked["state"] == "done" and asked["result"]["temp"] == 25, asked
        called = command(stand, device, {"kind": "call", "service": "switch", "params": {"on": 1}})
        assert called["state"] == "done" and called["result"] == {"on": 1}, called
        sent = command(stand, device, {"kind": "down", "data": {"lamp": "on"}, "encrypt": encrypted})
        assert sent["state"] == "done", sent
        told = command(stand, device, {"kind": "config_set", "settings": {"Port": 7300}})
        assert told["state"] == "done", told
        kept = stand.service.api("GET", f"/devices/{device.name}/config")
        assert kept["settings"] == {"Host": "10.200.0.135", "Port": 7300}, kept
        versions = command(stand, device, {"kind": "firmware_ask"})
        assert versions["state"] == "done", versions
        status, result, faults = simulator.end()
    finally:
        simulator.kill()
    assert status == 0 and not faults, (faults, result)
    assert result["commands"] == result["answered"] == 7 and result["acked"] == result["sent"], result

    values = stand.service.api("GET", f"/devices/{device.name}/properties")["items"]
    latest = {value["identifier"]: value["value"] for value in values}
    assert latest["temp"] == 25 and 40 <= latest["humi"] <= 60, latest
    asked = stand.database.sql(f"SELECT count(*) FROM message WHERE product_id = '{product.product_id}' "
                               f"AND topic LIKE '%/update_time'")
    assert asked == [["1"]], f"one login asks the time once, not {asked} times"
    events = stand.service.items(f"/devices/{device.name}/events")
    assert len(events) == 4 and {e["type"] for e in events} == {"alert"}, events


def simulate_acts_thing_model(stand):
    acts(stand, encrypted=False)
    acts(stand, encrypted=True)


run(simulate_acts_thing_model)
