#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-1: a keepalive of 0 in MQTT 3.1.1 gets in at Debian 12's Mosquitto. Debian 13's refuses it with return code 2 before it asks
the plugin, so there is nothing on record; the next login of the same device is judged as ever."""
import re
import subprocess

from stand import builds, run


def broker_version():
    said = subprocess.run([builds.find_mosquitto(), "-h"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.search(r"version (\d+)\.(\d+)\.(\d+)", said).groups())


def v2_1_keepalive_that_the_broker_does_not_take(stand):
    device = stand.device()
    code, _raw = device.raw_login(keepalive=0)
    assert code == (2 if broker_version() >= (2, 0, 12) else 0), code
    stranger = stand.device()
    stranger.device_secret = "00" * 16
    assert stranger.raw_login()[0] == 5
    stand.refused("V2-2", client_id=stranger.v2_credentials()[0])
    assert [item["client_id"] for item in stand.service.items("/refusals")] == [stranger.v2_credentials()[0]]
    assert device.raw_login()[0] == 0


run(v2_1_keepalive_that_the_broker_does_not_take)
