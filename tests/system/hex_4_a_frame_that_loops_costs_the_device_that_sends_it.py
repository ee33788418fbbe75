#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: a frame in which the script gets lost costs the device that keeps sending it. Other devices of the same product,
whose frames the script reads well, are answered 200 all the while."""
from stand import run
from stand.hex_product import DEMO, PROPERTIES, scripted_product
from stand.waiting import wait_until

LOOPS_ON_FF = DEMO.replace("function rawDataToProtocol(bytes) {", "function rawDataToProtocol(bytes) {\n  if (bytes[0] === 255) for (;;) {}", 1)


def hex_4_a_frame_that_loops_costs_the_device_that_sends_it(stand):
    assert LOOPS_ON_FF != DEMO
    product = scripted_product(stand, LOOPS_ON_FF)
    bad, good = stand.device(product), stand.device(product)
    clients = {device: device.login(subscribe=["model/hex/report_ack"]) for device in (bad, good)}

    def send(device, payload):
        return device.send(clients[device], "model/hex/report", payload, header_ctrl=18)["Payload"]
    assert send(good, PROPERTIES)["Code"] == "200"

    def rests():
        assert send(good, PROPERTIES)["Code"] == "200"
        return "was not run" in send(bad, "FF")["Msg"]
    wait_until(rests, "the bad frames to be tried no more")
    for _ in range(20):
        assert send(bad, "FF")["Code"] == "4001"
        answer = send(good, PROPERTIES)
        assert answer["Code"] == "200", answer


run(hex_4_a_frame_that_loops_costs_the_device_that_sends_it)
