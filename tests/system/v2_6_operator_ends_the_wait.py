#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: who has to wait after failed logins gets in at once after `xgate device unlock`, which every refusal names, and after
`device enable`, though it was enabled; so does a device that is about to register itself. `xgate device kick` ends a
live session, and the device may come back."""
from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient

WRONG = "00112233445566778899AABBCCDDEEFF"


def v2_6_operator_ends_the_wait(stand):
    device, unregistered = stand.device(), Device(stand, stand.product(auth_type=0), "tobe0001")
    xgate = stand.xgate

    def code(credentials):
        raw = RawClient(stand.broker.port)
        answer = raw.login(*credentials)
        raw.close()
        return answer

    for who, credentials in ((device, device.v2_credentials()), (unregistered, unregistered.auth_credentials())):
        for verb in ("unlock", "enable") if who is device else ("unlock",):
            for _failure in range(9):
                assert code((*credentials[:2], WRONG)) == 5
            assert code(credentials) == 5, "a right one that comes too early"
            told = stand.refused("V2-6", client_id=credentials[0])
            assert f"xgate device unlock {who.name} ends the wait" in told["reason"], told
            xgate("device", verb, who.name)
            assert code(credentials) == 0, f"{who.name} after {verb}"
    assert stand.service.request("POST", "/api/v1/devices/FFFFFFFF.tobe0001/unlock").status == 404

    client = device.login()
    assert "is kicked" in xgate("device", "kick", device.name).stdout
    client.wait_closed()
    assert code(device.v2_credentials()) == 0
    asker = unregistered.auth_client().connect()
    xgate("device", "kick", unregistered.name)
    asker.wait_closed()


run(v2_6_operator_ends_the_wait)
