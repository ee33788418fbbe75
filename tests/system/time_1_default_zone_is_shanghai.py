#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TIME-1: without a setting the zone is Asia/Shanghai, as in the protocol's text."""
from stand import run


def time_1_default_zone_is_shanghai(stand):
    device = stand.device()
    client = device.login(subscribe=["update_time_ack"])
    assert device.send(client, "update_time", "")["Payload"]["Data"]["timezone"] == "Asia/Shanghai"


run(time_1_default_zone_is_shanghai)
