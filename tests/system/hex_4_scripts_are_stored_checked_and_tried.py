#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: without a script a hex report is refused; an upload is checked, the fault's line told; versions grow by changes
only; the newest one is used from the next message on; a script can be tried on bytes and on JSON, by API and command
line, without being stored."""
import json
import re

from stand import run
from stand.hex_product import DEMO, PROPERTIES, put_script

SET = {"method": "thing.service.property.set", "id": "1", "version": "1.0",
       "params": {"prop_int16": 45, "prop_bool": 1, "prop_float": 123.452}}


def hex_4_scripts_are_stored_checked_and_tried(stand):
    product = stand.product(kind="hex")
    device = stand.device(product)
    client = device.login(subscribe=["model/hex/report_ack"])

    def send():
        return device.send(client, "model/hex/report", PROPERTIES, header_ctrl=18)["Payload"]

    assert send() == {"Code": "4001", "Msg": "the product has no parsing script"}
    path = f"/products/{product.product_id}/script"
    assert stand.service.request("GET", "/api/v1" + path).status == 404
    for source, said in (("function rawDataToProtocol(b) {\n  var = 1;\n}", "line 2"), ("var a = 1;", "rawDataToProtocol"),
                         ("throw new Error('at once');", "at once"), ("for (;;);", "50 ms"), ("", "empty"),
                         ("x" * 70000, "65536"), (b"\xff\xfe", "UTF-8")):
        answer = put_script(stand, product, source)
        assert answer.status == 422 and said in answer.json["detail"], (source[:40], answer)
    assert send()["Code"] == "4001"

    for status in (201, 200):  # the same text is no new version
        answer = put_script(stand, product, DEMO)
        assert answer.status == status and answer.json["version"] == 1, answer
    assert send()["Code"] == "200"
    second = DEMO + "\nfunction rawDataToProtocol() { throw new Error('the second one'); }\n"
    assert put_script(stand, product, second).json["version"] == 2
    assert "the second one" in send()["Msg"]
    assert stand.service.api("GET", path)["source"] == second
    assert stand.service.api("GET", path + "?version=1")["source"] == DEMO

    tried = stand.service.api("POST", path + "/test", {"hex": PROPERTIES, "source": DEMO})
    assert tried["json"]["params"] == {"prop_int16": -3841, "prop_bool": 1, "prop_float": 1.25}, tried
    assert tried["error"] is None and tried["time_us"] > 0 and tried["memory_bytes"] > 0, tried
    assert stand.service.api("POST", path + "/test", {"json": SET})["hex"] == "0101002d0142f6e76d"
    tried = stand.service.api("POST", path + "/test", {"hex": "00"})
    assert tried["json"] is None and "the second one" in tried["error"], tried

    demo = stand.folder / "demo.js"
    demo.write_text(DEMO, encoding="utf-8")
    assert "version 3" in stand.xgate("script", "set", product.product_id, str(demo)).stdout
    assert stand.xgate("script", "show", product.product_id).stdout == DEMO
    shown = stand.xgate("script", "test", product.product_id, "--hex", PROPERTIES)
    assert json.loads(shown.stdout)["method"] == "thing.event.property.post", shown
    assert re.search(r"time \d+\.\d (us|ms), memory \d+ bytes", shown.stderr) and "time 0.0" not in shown.stderr, shown
    assert stand.xgate("script", "test", product.product_id, "--json", json.dumps(SET)).stdout.strip() == "0101002d0142f6e76d"
    assert stand.xgate("--json", "script", "test", product.product_id, "--hex", "0407").stdout.startswith("{")
    bad = stand.xgate("script", "test", product.product_id, "--file", str(demo), "--hex", "99", ok=False)
    assert bad.returncode == 1 and "there is no frame 153" in bad.stderr, bad
    assert stand.xgate("script", "test", product.product_id, ok=False).returncode == 2
    assert send()["Code"] == "200"

    plain = stand.product(kind="json")
    refused = stand.xgate("script", "set", plain.product_id, str(demo), ok=False)
    assert refused.returncode == 1 and "is of kind json, and only HEX products have a parsing script" in refused.stderr, refused
    assert f"xgate product set {plain.product_id} --kind hex" in refused.stderr, refused
    stand.xgate("product", "set", plain.product_id, "--kind", "hex")
    assert "version 1" in stand.xgate("script", "set", plain.product_id, str(demo)).stdout

    wrong = "function rawDataToProtocol(b) { return {method: 'thing.event.property.post', params: {prop_float: 0 / 0}}; }"
    assert put_script(stand, product, wrong).status == 201
    assert "NaN for params.prop_float" in send()["Msg"]
    shown = stand.xgate("script", "show", product.product_id, "--version", "77", ok=False)
    assert shown.returncode == 1 and "has no version 77 of its parsing script" in shown.stderr, shown
    shown = stand.xgate("script", "show", "FFFFFFFF", ok=False)
    assert shown.returncode == 1 and "there is no product FFFFFFFF" in shown.stderr, shown
    assert "parsing script" not in shown.stderr, shown


run(hex_4_scripts_are_stored_checked_and_tried)
