#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1, HIST-1: where no thing model says which properties there are, or what does not fit it is kept, a device may
make up only so many identifiers. Beyond that a report is answered 4001 naming the bound and changes nothing; those
known already are reported as ever, other devices are not concerned, and a restart changes nothing."""
from stand import run
from stand.thing_model import METER

BOUND = 10


def prop_1_identifiers_of_a_device_are_bounded(stand):
    product = stand.product(kind="json")
    device, other = stand.device(product), stand.device(product)
    acks = ["model/property/report_ack", "model/history/data/report_ack"]

    def values(which):
        return {item["identifier"]: item["value"] for item in stand.service.items(f"/devices/{which.name}/properties")}

    def report(client, names, value, code, which=device):
        payload = {name: value for name in names}
        ack = which.send(client, "model/property/report", payload)
        assert ack["Payload"]["Code"] == code, ack
        return ack["Payload"].get("Msg", "")

    first = [f"p{number}" for number in range(BOUND - 2)]
    client = device.login(subscribe=acks)
    report(client, first, 1, "200")
    why = report(client, ["q1", "q2", "q3"], 2, "4001")
    assert f"at most {BOUND}" in why and '"q1"' in why, why
    assert values(device) == {name: 1 for name in first}
    report(client, ["q1", "q2"], 3, "200")  # just as many as there may be
    report(client, ["p0", "q1"], 4, "200")
    why = report(client, ["p0", "r1"], 5, "4001")
    assert values(device)["p0"] == 4, "nothing of a refused report is stored"
    ack = device.send(client, "model/history/data/report",
                      {"params": [{"properties": [{"r2": {"value": 1, "time": 1700000000000}}], "events": []}]})
    assert ack["Payload"]["Code"] == "4001" and f"at most {BOUND}" in ack["Payload"]["Msg"], ack
    assert any(item["requirement"] == "PROP-1" for item in device.messages()), device.messages()

    stand.service.restart()
    report(client, ["r1"], 6, "4001")
    report(client, ["p1"], 6, "200")
    of_other = other.login(subscribe=acks)
    report(of_other, [f"x{number}" for number in range(BOUND)], 1, "200", other)
    report(of_other, ["y"], 1, "4001", other)

    # A model is a bound of its own; kept beside it is what fits in.
    stand.service.api("PUT", f"/products/{product.product_id}/model", METER)
    stand.change_product(product, model_violations="keep")
    report(client, ["r1"], 7, "4001")
    stand.change_product(product, model_violations="reject")
    report(client, ["temp"], 20, "200")
    report(client, ["humi"], 20, "200")
    assert values(device)["humi"] == 20


run(prop_1_identifiers_of_a_device_are_bounded, settings=f"[properties]\nper_device = {BOUND}\n")
