#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-7, AUTH-11: whoever has the ProductKey is told a live device's secret, as the protocol wants it; so it is told to people: the
request of a device that is online, or was activated and last logged in from elsewhere, is a warning on its record, in the log and
in a metric. A device that authenticates where it was at home, or in its own V2_ session, warns of nothing."""
from stand import run
from stand.waiting import wait_until

ELSEWHERE = "127.0.0.2"


def auth_11_a_live_device_that_authenticates_elsewhere_is_told(stand):
    device = stand.device(stand.product(auth_type=0, encrypted=True))

    def authenticate(address=None):
        """What the record says of it, and whether as a warning."""
        before = len(device.messages())
        client = device.auth_client(address=address).connect().must_subscribe(device.topic("downlink"))
        assert device.ask(client, device.auth_request())["Payload"]["Code"] == 0
        client.disconnect()
        record = wait_until(lambda: (all_of_it := device.messages()) and len(all_of_it) > before and all_of_it[0], "the record")
        return record["note"], record["warning"]

    device.authenticate()
    assert authenticate(ELSEWHERE) == (None, False), "not activated yet"
    client = device.login()
    wait_until(lambda: device.shown()["state"] == "online", "the device online")
    note, warning = authenticate(ELSEWHERE)
    assert warning and f"authenticated from {ELSEWHERE} while it is online from 127.0.0.1" in note, note
    assert "somebody else has the ProductKey" in note, note
    client.must_subscribe(device.topic("downlink"))
    assert device.ask(client, device.auth_request())["Payload"]["Code"] == 0
    wait_until(lambda: len(device.messages()) == 4, "its own request on record")
    assert device.messages()[0]["warning"] is False, "in its own session"

    client.disconnect()
    wait_until(lambda: device.shown()["state"] == "offline", "the device offline")
    assert authenticate() == (None, False), "an encrypted device asks at every boot"
    note, warning = authenticate(ELSEWHERE)
    assert warning and f"authenticated from {ELSEWHERE}, and logged in last from 127.0.0.1" in note, note

    assert len(device.messages(verdict="warning")) == 2
    shown = stand.xgate("messages", device.name, "--verdict", "warning").stdout
    said = " ".join(shown.split())
    assert said.count("! 0 authenticated from " + ELSEWHERE) == 2 and said.count("somebody else has the ProductKey") == 2, said
    assert "正从 127.0.0.1 在线" in stand.xgate("--lang", "zh", "messages", device.name, "--verdict", "warning").stdout
    assert f'AUTH-11 device="{device.name}" note="authenticated from {ELSEWHERE}' in stand.service.process.log()
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert "\nxgate_auth_of_live_devices_total 2\n" in metrics, metrics


run(auth_11_a_live_device_that_authenticates_elsewhere_is_told)
