#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A site without scripts has no script process: they are started with the first call, and kept from then on."""
from stand import run
from stand.device import frame
from stand.hex_product import PROPERTIES, scripted_product
from stand.waiting import wait_until


def scripts_have_no_process_before_the_first_call(stand):
    plain = stand.device()
    plain.send(plain.login(subscribe=["uplink_ack"]), "uplink", "00")
    assert stand.service.script_processes() == []
    device = stand.device(scripted_product(stand))  # tried when it is set
    wait_until(lambda: len(stand.service.script_processes()) == 3, "as many processes as the settings say, and one apart")
    client = device.login(subscribe=["model/hex/report_ack"])
    assert device.send(client, "model/hex/report", PROPERTIES, header_ctrl=18)["Payload"]["Code"] == "200"


run(scripts_have_no_process_before_the_first_call)
