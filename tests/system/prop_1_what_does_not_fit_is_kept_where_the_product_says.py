#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-1: a product set to keep stores what does not fit as it came, under its identifier, and acks 200; what fits is
fitted as ever. A product without a model takes everything as it comes."""
from stand import run
from stand.thing_model import METER, modelled_product, put_model


def prop_1_what_does_not_fit_is_kept_where_the_product_says(stand):
    product = modelled_product(stand, model_violations="keep")
    device = stand.device(product)
    client = device.login(subscribe=["model/property/report_ack", "model/event/overheat/report_ack"])

    def latest(device):
        return {p["identifier"]: p["value"] for p in stand.service.items(f"/devices/{device.name}/properties")}
    ack = device.send(client, "model/property/report", {"temp": 101, "humi": "20.5", "colour": {"r": 1}})
    assert ack["Payload"] == {"Code": "200", "Msg": "SUCCESS"}, ack
    assert latest(device) == {"temp": 101, "humi": 20.5, "colour": {"r": 1}}
    ack = device.send(client, "model/event/overheat/report", {"temp": "very"})
    assert ack["Payload"]["Code"] == "200", ack
    event = stand.service.items(f"/devices/{device.name}/events")[0]
    assert (event["params"], event["type"]) == ({"temp": "very"}, "alert"), event

    stand.xgate("product", "set", product.product_id, "--model-violations", "reject")
    assert stand.service.api("GET", f"/products/{product.product_id}")["model_violations"] == "reject"
    ack = device.send(client, "model/property/report", {"temp": 102})
    assert ack["Payload"]["Code"] == "4001" and latest(device)["temp"] == 101, ack

    unmodelled = stand.device(stand.product(kind="json"))
    client = unmodelled.login(subscribe=["model/property/report_ack"])
    ack = unmodelled.send(client, "model/property/report", {"temp": 1000, "anything": "at all"})
    assert ack["Payload"]["Code"] == "200", ack
    assert latest(unmodelled) == {"temp": 1000, "anything": "at all"}
    put_model(stand, unmodelled.product, METER)
    ack = unmodelled.send(client, "model/property/report", {"temp": 1000})
    assert ack["Payload"]["Code"] == "4001", "once there is a model, it judges"


run(prop_1_what_does_not_fit_is_kept_where_the_product_says)
