#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-2: of its downlink an AUTH- login is delivered only auth replies: whoever holds the ProductKey can log
in as any device of the product, and must not read commands and session keys that way."""
from stand import run
from stand.device import frame


def auth_2_login_reads_no_commands_and_keys(stand):
    device = stand.device(stand.product(auth_type=1, encrypted=True))
    eavesdropper = device.auth_client().connect().must_subscribe(device.topic("downlink"))
    rightful = device.login(subscribe=["downlink"])
    platform = stand.operator()

    secret = [frame(7, {"data": "open the door"}), frame(3, {"SessionID": "4655434B", "Nonce": 18}),
              '{"Payload":{"HeaderCtrl":1},"HeaderCtrl":7,"MessageId":1,"Version":"2.0"}',
              '{"HeaderCtrl":1,"MessageId":1,"HeaderCtrl":7,"Payload":{},"Version":"2.0"}',
              "1", "not json", "[" * 100000]
    reply = frame(1, {"Code": 4})
    for body in secret + [reply]:
        platform.publish(device.topic("downlink"), body)

    # the broker delivers in order, so what comes first tells what was held back
    assert eavesdropper.next().payload.decode() == reply
    for body in secret + [reply]:
        assert rightful.next(device.topic("downlink")).payload.decode() == body
    assert eavesdropper.unclaimed() == []


run(auth_2_login_reads_no_commands_and_keys)
