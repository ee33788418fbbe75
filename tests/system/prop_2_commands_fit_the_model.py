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
    look = f': `xgate model show {device.product.product_id}` lists what it has'
    for kind, members, pointer, said in [
            ("set", {"params": {"temp": 5}}, "/params/temp", "temp: the property cannot be set, it is read-only"),
            ("set", {"params": {"power": 7}}, "/params/power", "power: 7 is neither 0 nor 1 (bool)"),
            ("set", {"params": {"nothing": 1}}, "/params/nothing", f'the model has no property "nothing"{look}'),
            ("ask", {"params": ["temp", "nothing"]}, "/params/1", f'the model has no property "nothing"{look}'),
            ("call", {"service": "nothing"}, "/service", f'the model has no service "nothing"{look}'),
            ("call", {"service": "switch", "params": {"on": "x"}}, "/params/on",
             'switch.on: the text "x" is neither 0 nor 1 (bool)'),
            ("call", {"service": "switch", "params": {"on": 1, "o/n": 1}}, "/params/o~1n", 'switch: the model knows no "o/n"')]:
        problem = queue(device, kind, expect=422, **members)
        assert problem["errors"] == [{"pointer": pointer, "detail": said}] and problem["detail"] == said, (members, problem)
    told = stand.xgate("send", device.name, "set", "power=7", ok=False).stderr
    assert told == "xgate: power: 7 is neither 0 nor 1 (bool)\n", told
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
