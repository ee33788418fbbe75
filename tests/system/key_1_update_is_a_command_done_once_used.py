#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1, KEY-2: Command 3 stands in the device's list of commands: queued until the device listens, sent, done by the first
message with the new key; and it shows nothing of that key."""
import json

from stand import run
from stand.commands import receive, shown
from stand.waiting import wait_until


def key_1_update_is_a_command_done_once_used(stand):
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")
    client = device.login(subscribe=["uplink_ack"])
    assert device.send(client, "uplink", device.seal({"key": "old"}))["Payload"]["Code"] == "200"

    def updates():
        return [c for c in stand.service.items(f"/devices/{device.name}/commands") if c["kind"] == "key_update"]

    waiting, = wait_until(updates, "the update in the list")
    assert waiting["state"] == "queued" and waiting["tries"] == 0 and waiting["sent_at"] is None, waiting
    assert waiting["topic"] == device.topic("downlink") and waiting["header_ctrl"] == 3, waiting
    assert waiting["request"] is None and waiting["encrypt"] is False and waiting["expires_at"] > waiting["created_at"]

    client.must_subscribe(device.topic("downlink"))
    body = receive(device, client, "downlink")
    assert body["HeaderCtrl"] == 3 and body["MessageId"] == waiting["message_id"], body
    assert shown(device, waiting)["state"] == "sent" and shown(device, waiting)["tries"] == 1
    # with the old key still: the command is not done because it was sent
    assert device.send(client, "uplink", device.seal({"key": "old"}))["Payload"]["Code"] == "200"
    sent = shown(device, waiting)
    assert sent["state"] == "sent" and sent["answers"] == 0 and sent["sent_at"] is not None, sent

    device.use_session(body["Payload"]["SessionID"], body["Payload"]["Nonce"])
    assert device.send(client, "uplink", device.seal({"key": "new"}))["Payload"]["Code"] == "200"
    done = shown(device, waiting)  # committed with the message, so it is so when the ack is here
    assert done["state"] == "done" and done["tries"] == 1 and done["answers"] == 1, done
    assert done["settled_at"] is not None and done["code"] is None and done["result"] is None, done
    assert stand.database.sql("SELECT count(*) FROM session_key") == [["1"]], "the older keys went in the same commit"

    assert device.send(client, "uplink", device.seal({"key": "new"}))["Payload"]["Code"] == "200"
    again = shown(device, waiting)
    assert again == done, "the next message is none of its business"
    assert body["Payload"]["SessionID"] not in json.dumps([waiting, sent, done]), "the key is not shown"
    listed = stand.service.items(f"/devices/{device.name}/commands", state="done")
    assert listed == [done], listed


run(key_1_update_is_a_command_done_once_used)
