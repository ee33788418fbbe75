#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-2: SessionIDs are 8 upper-case hex digits, never twice; nonces are from 0x10 to 0x79 with two decimal digits, so
that padding, letter case and sign cannot matter."""
import re

from stand import run


def enc_2_session_ids_and_nonces_leave_no_doubt(stand):
    device = stand.device(stand.product(encrypted=True))
    client = device.auth_client().connect().must_subscribe(device.topic("downlink"))
    replies = [device.ask(client, device.auth_request())["Payload"] for _n in range(150)]
    for reply in replies:
        assert re.fullmatch("[0-9A-F]{8}", reply["SessionID"]), reply["SessionID"]
        assert 0x10 <= reply["Nonce"] <= 0x79 and re.fullmatch("[0-9]{2}", f"{reply['Nonce']:x}"), reply["Nonce"]
    assert len({reply["SessionID"] for reply in replies}) == len(replies)
    assert len({reply["Nonce"] for reply in replies}) > 30, "hardly random"
    kept = stand.database.sql(f"SELECT count(*) FROM session_key JOIN device USING (device_id) "
                              f"WHERE node_eui = '{device.node_eui}'")
    assert int(kept[0][0]) < 20, f"{kept} keys kept for one device"
    device.learn(replies[-1])
    operating = device.login(subscribe=["uplink_ack"])
    assert device.send(operating, "uplink", device.seal({}))["Payload"]["Code"] == "200"


run(enc_2_session_ids_and_nonces_leave_no_doubt, broker_options=["--auth-requests-per-minute", "0", "--messages-per-second", "0"])
