#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-2, PROP-3, SVC-1 on a product with a model: what does not fit is refused before anything is stored, naming the place;
what does is coerced as the model has it; an answer's Data that does not fit is kept and noted."""
from stand import run
from stand.commands import acknowledge, in_state, noted, queue, receive
from stand.thing_model import METER, modelled_product, parameter, service


def prop_2_commands_fit_the_model(stand):
    document = {**METER, "services": METER["services"] + [service("count", output=[parameter("n", "int", min="0", max="9")])]}
    device = stand.device(modelled_product(stand, document))
    client = device.login(subscribe=["model/property/set", "model/property/ask", "model/property/report_ack",
                                     "model/service/+"])
    for kind, members, pointer in [
            ("set", {"params": {"temp": 5}}, "/params/temp"),  # read only
            ("set", {"params": {"power": 7}}, "/params/power"), ("set", {"params": {"nothing": 1}}, "/params/nothing"),
            ("ask", {"params": ["temp", "nothing"]}, "/params/1"),
            ("call", {"service": "nothing"}, "/params"), ("call", {"service": "switch", "params": {"on": "x"}}, "/params")]:
        problem = queue(device, kind, expect=422, **members)
        assert problem["errors"][0]["pointer"] == pointer, (members, problem)
    assert stand.service.items(f"/devices/{device.name}/commands") == []

    command = queue(device, "set", params={"power": "1"})
    assert command["request"] == {"params": {"power": "1"}}
    assert receive(device, client, "model/property/set")["Payload"] == {"params": [{"identify": "power", "value": "1"}]}
    queue(device, "call", service="switch", params={"on": True})
    assert receive(device, client, "model/service/switch")["Payload"] == {"servicIdentify": "switch", "params": {"on": 1}}

    command = queue(device, "ask", params=["temp"])
    body = receive(device, client, "model/property/ask")
    assert device.send(client, "model/property/report", {"temp": "25"}, body["MessageId"])["Payload"]["Code"] == "200"
    in_state(device, command, "done")

    command = queue(device, "call", service="count")
    body = receive(device, client, "model/service/count")
    acknowledge(device, client, "model/service/count/ack", body["MessageId"], header_ctrl=21, Data={"n": 99})
    assert in_state(device, command, "done")["result"] == {"n": 99}
    noted(device, "its Data does not fit the model")


run(prop_2_commands_fit_the_model)
