#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: Date.now() and new Date() give the time of receiving, local time is of the zone in [time], and a trial can be
repeated with --at. What a script prints is shown by `script test`, and kept with a message that is refused. What is newer than
the engine is refused with its line and what to write instead."""
import json
import time

from stand import run
from stand.hex_product import PROPERTIES, put_script

# As two of Alibaba Cloud's own documentation scripts have it: the time is the message's id.
DATED = """
function rawDataToProtocol(bytes) {
  var now = new Date();
  console.log('got', bytes.length, 'bytes at', now);
  if (bytes[0] === 9) throw new Error('no such frame');
  return {method: 'thing.event.property.post', id: String(Date.now()), version: '1.0',
          params: {prop_int16: {value: now.getHours(), time: Date.now()}}};
}
function protocolToRawData(json) { console.warn('no', json.method); return []; }
"""


def hex_4_scripts_know_the_time_and_can_print(stand):
    product = stand.product(kind="hex")
    device = stand.device(product)
    client = device.login(subscribe=["model/hex/report_ack"])
    assert put_script(stand, product, DATED).status == 201

    def send(payload):
        return device.send(client, "model/hex/report", payload, header_ctrl=18)["Payload"]

    before = time.time()
    assert send(PROPERTIES)["Code"] == "200"
    kept = stand.service.api("GET", f"/devices/{device.name}/properties")["items"]
    said = next(each for each in kept if each["identifier"] == "prop_int16")
    received = device.messages()[0]
    assert said["device_time"] == received["received_at"], (said, received)
    hour = int((before + 8 * 3600) // 3600 % 24)  # TIME-1: Asia/Shanghai unless set otherwise
    assert said["value"] in (hour, (hour + 1) % 24), (said, hour)
    assert received["note"] is None, "what a good call printed is kept"

    refused = send("0900")
    assert refused["Code"] == "4001" and "no such frame" in refused["Msg"], refused
    message = device.messages()[0]
    assert message["note"] == f"console: got 2 bytes at {message['received_at']}", message
    assert "console: got 2 bytes at" in " ".join(stand.xgate("messages", device.name).stdout.split())

    answer = stand.service.request("POST", f"/api/v1/devices/{device.name}/commands",
                                   {"kind": "set", "params": {"prop_int16": 1}})
    assert answer.status == 422 and "console: warn: no thing.service.property.set" in answer.json["detail"], answer

    trials = [stand.xgate("script", "test", product.product_id, "--hex", "0102", "--at", "2026-01-01T12:00:00.250Z")
              for _ in range(2)]
    assert [json.loads(each.stdout) for each in trials] == [
        {"method": "thing.event.property.post", "id": "1767268800250", "version": "1.0",
         "params": {"prop_int16": {"value": 20, "time": 1767268800250}}}] * 2, trials
    assert "console: got 2 bytes at 2026-01-01T12:00:00.250Z" in trials[0].stderr, trials[0].stderr
    tried = stand.service.api("POST", f"/products/{product.product_id}/script/test", {"json": {"method": "m"}})
    assert tried["console"] == ["warn: no m"] and tried["hex"] == "", tried
    failed = stand.service.api("POST", f"/products/{product.product_id}/script/test",
                               {"hex": "09", "at": "2026-01-01T12:00:00Z"})
    assert failed["console"] == ["got 1 bytes at 2026-01-01T12:00:00.000Z"] and failed["at"] == "2026-01-01T12:00:00.000Z", failed
    assert stand.xgate("script", "test", product.product_id, "--hex", "09", "--at", "noon", ok=False).returncode == 2

    newer = DATED.replace("  var now", "  let now")
    answer = put_script(stand, product, newer)
    said = "line 3: `let` is ES6; scripts are ES5.1: write `var`"
    assert answer.status == 422 and answer.json["detail"] == said, answer
    tried = stand.service.api("POST", f"/products/{product.product_id}/script/test", {"hex": "00", "source": newer})
    assert tried["error"] == said and tried["json"] is None, tried
    answer = put_script(stand, product, DATED.replace("  var now", "  const now"))
    assert answer.status == 422 and "line 3: `const` is ES6" in answer.json["detail"], answer
    answer = put_script(stand, product, "var began = Date.now();\n" + DATED)
    assert answer.status == 422 and "inside the functions" in answer.json["detail"] and "(line 1)" in answer.json["detail"], answer


run(hex_4_scripts_know_the_time_and_can_print)
