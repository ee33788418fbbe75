#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two services on one broker: one consumes it, the other waits for the lease and answers its API. What is changed there
judges the very next message that the first one takes: another script, another thing model, a setting of the product; a
new device is known to its auth requests, and a command is sent by it."""
from stand import run
from stand.commands import acknowledge, in_state, receive
from stand.device import Device
from stand.hex_product import DEMO, PROPERTIES, scripted_product
from stand.thing_model import METER, modelled_product, model, property

TIMES = 20
REFUSING = 'function rawDataToProtocol(bytes) { throw new Error("not today"); }'
NARROW = model([property("temp", "int", "r", min="0", max="50")])


def changed(service, method, path, body, **options):
    answer = service.request(method, "/api/v1" + path, body, **options)
    assert 200 <= answer.status < 300, (method, path, answer)
    return answer.json


def of_scripts(stand, second):
    product = scripted_product(stand)
    device = stand.device(product)
    client = device.login(subscribe=["model/hex/report_ack"])
    for number in range(TIMES):
        for source, code in ((REFUSING, "4001"), (DEMO, "200")):
            changed(second, "PUT", f"/products/{product.product_id}/script", source, content_type="text/javascript")
            answer = device.send(client, "model/hex/report", PROPERTIES, header_ctrl=18)["Payload"]
            assert answer["Code"] == code, (number, answer)


def of_models_and_settings(stand, second):
    product = modelled_product(stand)
    path = f"/products/{product.product_id}"
    device = stand.device(product)
    client = device.login(subscribe=["model/property/report_ack"])

    def reported():
        return device.send(client, "model/property/report", {"temp": 60})["Payload"]["Code"]
    for number in range(TIMES):
        changed(second, "PUT", path + "/model", NARROW)
        assert reported() == "4001", number
        changed(second, "PATCH", path, {"model_violations": "keep"})
        assert reported() == "200", number
        changed(second, "PATCH", path, {"model_violations": "reject"})
        assert reported() == "4001", number
        changed(second, "PUT", path + "/model", METER)
        assert reported() == "200", number


def of_plaintext(stand, second):
    product = stand.product(encrypted=True)
    device = stand.device(product)
    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    for number in range(TIMES):
        for accepted, code in ((True, "200"), (False, "4001")):
            changed(second, "PATCH", f"/products/{product.product_id}", {"accept_plaintext": accepted})
            answer = device.send(client, "uplink", {"n": number})["Payload"]
            assert answer["Code"] == code, (number, answer)


def of_devices(stand, second):
    product = stand.product()
    for number in range(TIMES):
        device = Device(stand, product, f"new{number:05d}")
        changed(second, "POST", f"/products/{product.product_id}/devices", {"node_eui": device.node_eui})
        assert device.authenticate()["Code"] == 0, number
    client = device.login(subscribe=["downlink"])
    command = changed(second, "POST", f"/devices/{device.name}/commands", {"kind": "down", "data": {"n": 1}})
    assert receive(device, client, "downlink")["MessageId"] == command["message_id"]
    acknowledge(device, client, "downlink_ack", command["message_id"])
    in_state(device, command, "done")


def api_changes_by_another_service_judge_the_next_message(stand):
    second = stand.another_service("second")
    second.start(wait_ready=False)
    second.process.wait_ready(lambda: "another service consumes broker" in second.process.log(), "the second waits")
    for changes in (of_scripts, of_models_and_settings, of_plaintext, of_devices):
        print(changes.__name__, flush=True)
        changes(stand, second)


run(api_changes_by_another_service_judge_the_next_message)
