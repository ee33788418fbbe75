#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-2: set (22), ask (25) and call (24) leave as the bytes that the product's script makes of them; a set is settled by
hex/downlink_ack, an ask by an 18 with its MessageId, a call by the 26 that follows its receipt. Hex goes down in lower case,
as in the source's example, or as the product wants it. What the script cannot
encode is refused before anything is stored."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.hex_product import PROPERTIES, REPLY, scripted_product


def hex_2_commands_go_through_the_script(stand):
    device = stand.device(scripted_product(stand))
    client = device.login(subscribe=["model/hex/downlink", "model/hex/report_ack"])

    def sent(header_ctrl, payload):
        body = receive(device, client, "model/hex/downlink")
        number = f"{body['MessageId'] & 0xFF:02x}"
        assert (body["HeaderCtrl"], body["Payload"]) == (header_ctrl, payload.replace("id", number)), body
        return body["MessageId"]

    def acked(header_ctrl, message_id):
        acknowledge(device, client, "model/hex/downlink_ack", message_id, header_ctrl=header_ctrl)

    command = queue(device, "set", params={"prop_int16": 45, "prop_bool": 1, "prop_float": 123.452})
    acked(22, sent(22, "01id002d0142f6e76d"))
    in_state(device, command, "done")

    command = queue(device, "ask", params=["prop_int16"])
    message_id = sent(25, "02id")
    acked(25, message_id)
    in_state(device, command, "received")
    assert device.send(client, "model/hex/report", PROPERTIES, message_id, 18)["Payload"]["Code"] == "200"
    assert in_state(device, command, "done")["result"]["prop_int16"] == -3841

    command = queue(device, "call", service="calibrate", params={"offset": 42})
    message_id = sent(24, "05id002a")
    acked(24, message_id)
    in_state(device, command, "received")
    assert device.send(client, "model/hex/report", REPLY, message_id, 26)["Payload"]["Code"] == "200"
    assert in_state(device, command, "done")["result"] == {"offset": 42}

    command = queue(device, "call", service="calibrate", params={"offset": 1})
    device.send(client, "model/hex/report", "0301002a", sent(24, "05id0001"), 26)
    failed = in_state(device, command, "failed")
    assert failed["code"] == "4001", failed

    stand.xgate("product", "set", device.product.product_id, "--hex-case", "upper")
    queue(device, "set", params={"prop_int16": 45, "prop_bool": 1, "prop_float": 123.452})
    assert receive(device, client, "model/hex/downlink")["Payload"][4:] == "002D0142F6E76D"

    refused = stand.service.request("POST", f"/api/v1/devices/{device.name}/commands", {"kind": "set", "params": {"nothing": 1}},
                                    headers={"Idempotency-Key": "hex_2"})
    assert refused.status == 422, refused


run(hex_2_commands_go_through_the_script)
