#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Thing model: every edit is a version; what breaks live devices is told, before with --check and with the edit; the
very next report of a device that stays connected is judged by the new version."""
import copy
import json

from stand import run
from stand.thing_model import METER, modelled_product, property, put_model


def newest_tag(stand, path):
    """The newest version's ETag, by which it need not be sent again."""
    answer = stand.service.request("GET", f"/api/v1{path}")
    assert "no-store" not in answer.headers["Cache-Control"], answer.headers
    again = stand.service.request("GET", f"/api/v1{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", answer.headers["ETag"]), again
    return answer.headers["ETag"]


def model_edits_are_versioned_and_judge_the_next_report(stand):
    product = modelled_product(stand)
    device = stand.device(product)
    client = device.login(subscribe=["model/property/report_ack"])
    path = f"/products/{product.product_id}/model"

    def report(payload):
        return device.send(client, "model/property/report", payload)["Payload"]["Code"]
    assert report({"temp": 60, "humi": 7}) == "200"
    again = put_model(stand, product, METER)
    assert again["version"] == 1 and again["breaking"] == [], "the same document is no new version"

    narrower = copy.deepcopy(METER)
    narrower["properties"][0]["dataType"]["specs"]["max"] = "50"
    del narrower["properties"][1]
    told = put_model(stand, product, narrower, check=True)
    assert told["version"] is None and report({"temp": 60}) == "200", "only checked"
    breaking = {b["pointer"]: b["detail"] for b in told["breaking"]}
    assert "humi" in breaking["/properties"] and "0 to 50" in breaking["/properties/0/dataType"], breaking
    stored = put_model(stand, product, narrower)
    assert (stored["version"], stored["breaking"], stored["model"]) == (2, told["breaking"], narrower), stored
    assert stand.service.request("GET", f"/api/v1{path}?version=1").headers["ETag"] != newest_tag(stand, path)
    values = {value["identifier"]: value for value in stand.service.items(f"/devices/{device.name}/properties")}
    assert "0 to 50" in values["temp"]["misfit"] and '"humi"' in values["humi"]["misfit"], values
    listed = stand.xgate("properties", device.name).stdout
    assert "! not by today's thing model: temp: 60 is out of range" in listed, listed
    assert report({"temp": 60}) == "4001" and report({"humi": 1}) == "4001" and report({"temp": 50}) == "200"

    values = {value["identifier"]: value for value in stand.service.items(f"/devices/{device.name}/properties")}
    assert values["temp"]["misfit"] is None and values["humi"]["misfit"], values

    wider = copy.deepcopy(METER)
    wider["properties"].append(property("new", "text", "r", length="5"))
    assert put_model(stand, product, wider)["breaking"] == []
    for i in range(20):  # every one at once, and never by an old version
        assert report({"new": "12345", "temp": 100}) == "200", i
        put_model(stand, product, narrower if i % 2 == 0 else wider)
        assert report({"temp": 100}) == ("4001" if i % 2 == 0 else "200"), i
        put_model(stand, product, wider)

    first = stand.service.api("GET", path + "?version=1")
    assert first["model"] == METER and first["version"] == 1 and first["created_at"], first
    newest = stand.service.api("GET", path)
    assert newest["model"] == wider and newest["version"] > 20, newest["version"]
    stand.service.api("GET", path + "?version=1000", expect=404)
    stand.service.api("GET", path + "?version=x", expect=400)
    stand.service.api("PUT", "/products/FFFFFFFF/model", METER, expect=404)
    table = stand.xgate("model", "set", product.product_id, "-", "--check", stdin=json.dumps(narrower)).stdout
    assert "humi is gone" in table, table
    faulty = copy.deepcopy(METER)
    faulty["properties"][0]["dataType"]["type"] = "integer"
    faulty["properties"][1]["accessMode"] = "x"
    for count, heading in ((2, "it has 2 errors"), (1, "it has an error")):
        refused = stand.xgate("model", "set", product.product_id, "-", "--check", stdin=json.dumps(faulty), ok=False)
        said = refused.stderr.splitlines()
        assert said[0] == f"xgate: the thing model is not valid, {heading}:" and len(said) == 1 + count, refused
        assert said[1].startswith("  /properties/0/dataType") and (count == 1 or said[2].startswith("  /properties/1/accessMode"))
        faulty["properties"][1]["accessMode"] = "r"
    assert json.loads(stand.xgate("model", "show", product.product_id, "--version", "1").stdout) == METER

    # a product of the same name, made anew, has nothing of the old one's model
    stand.service.api("DELETE", f"/devices/{device.name}")
    stand.service.api("DELETE", f"/products/{product.product_id}")
    anew = stand.product(kind="json", product_id=product.product_id)
    device = stand.device(anew)
    client = device.login(subscribe=["model/property/report_ack"])
    assert report({"anything": 1}) == "200"
    assert put_model(stand, anew, narrower)["version"] == 1
    assert report({"temp": 100}) == "4001" and report({"temp": 50}) == "200"


run(model_edits_are_versioned_and_judge_the_next_report)
