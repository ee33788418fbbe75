#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: nobody gives a device a Command 3 through the API, nor takes one back: what is open goes on."""
from stand import run
from stand.commands import queue, receive, shown
from stand.waiting import wait_until


def key_1_update_is_the_platforms_own(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    for members in ({}, {"data": {"SessionID": "00000000", "Nonce": 16}}, {"params": {"SessionID": "00000000"}}):
        problem = queue(device, "key_update", expect=422, **members)
        assert [error["pointer"] for error in problem["errors"]] == ["/kind"], problem
    assert stand.service.items(f"/devices/{device.name}/commands") == []

    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")
    client = device.login(subscribe=["uplink_ack"])
    update, = wait_until(lambda: stand.service.items(f"/devices/{device.name}/commands"), "the update of the login")
    answer = stand.service.request("POST", f"/api/v1/commands/{update['command_id']}/cancel")
    assert answer.status == 409 and "platform's own" in answer.json["detail"], answer
    assert "key_update" in stand.xgate("commands", device.name).stdout
    cancelled = stand.xgate("command", "cancel", str(update["command_id"]), ok=False)
    assert cancelled.returncode == 1 and "platform's own" in cancelled.stderr, cancelled
    assert shown(device, update)["state"] == "queued"
    client.must_subscribe(device.topic("downlink"))
    body = receive(device, client, "downlink")
    assert body["MessageId"] == update["message_id"], body

    # nor does a device end it by an ack of its own: there is none
    for header_ctrl in (3, 7):
        client.publish(device.topic("downlink_ack"), '{"MessageId":%d,"HeaderCtrl":%d,"Payload":{"Code":"200"},'
                       '"Version":"2.0"}' % (update["message_id"], header_ctrl))
    assert device.send(client, "uplink", device.seal({}))["Payload"]["Code"] == "200"
    assert shown(device, update)["state"] == "sent"


run(key_1_update_is_the_platforms_own)
