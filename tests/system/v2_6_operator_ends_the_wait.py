#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: what a device got wrong is forgotten after `xgate device unlock`, which every refusal names, and after
`device enable`, though it was enabled; so it is of a device that is about to register itself: its next try is judged as the
first. `xgate device kick` ends a live session, and the device may come back."""
from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until

WRONG = "00112233445566778899AABBCCDDEEFF"


def v2_6_operator_ends_the_wait(stand):
    device, unregistered = stand.device(), Device(stand, stand.product(auth_type=0), "tobe0001")
    xgate = stand.xgate

    def code(credentials):
        raw = RawClient(stand.broker.port)
        answer = raw.login(*credentials)
        raw.close()
        return answer

    def newest(credentials, requirement, count):
        """The newest refusal, once so many of it are on record."""
        def known():
            items = [item for item in stand.service.items("/refusals", limit=200) if item["client_id"] == credentials[0]]
            return len(items) == count and items[0]
        item = wait_until(known, f"{count} refusals on record")
        assert item["requirement"] == requirement, item
        return item["reason"]

    for who, credentials, requirement in ((device, device.v2_credentials(), "V2-2"),
                                          (unregistered, unregistered.auth_credentials(), "AUTH-1")):
        tries = 0
        for verb in ("unlock", "enable") if who is device else ("unlock",):
            for _failure in range(9):
                assert code((*credentials[:2], WRONG)) == 5
            assert f"xgate device unlock {who.name} ends the wait" in newest(credentials, "V2-6", tries + 9)
            xgate("device", verb, who.name)
            assert code((*credentials[:2], WRONG)) == 5
            tries += 10
            assert "failure" not in newest(credentials, requirement, tries), f"{who.name} after {verb}"
        assert code(credentials) == 0
    assert stand.service.request("POST", "/api/v1/devices/FFFFFFFF.tobe0001/unlock").status == 404

    client = device.login()
    assert "is kicked" in xgate("device", "kick", device.name).stdout
    client.wait_closed()
    assert code(device.v2_credentials()) == 0
    asker = unregistered.auth_client().connect()
    xgate("device", "kick", unregistered.name)
    asker.wait_closed()


run(v2_6_operator_ends_the_wait)
