# SPDX-License-Identifier: Apache-2.0
"""Commands from the application's side (the API) and from the device's (its topics)."""
import json
import urllib.parse

from .device import PUBLISH, frame
from .waiting import wait_until

FIRST_ID, LAST_ID = 1 << 30, (1 << 31) - 1


def queue(device, kind, expect=201, wait=None, key=None, **members):
    """POST …/commands; the command as the answer shows it."""
    path = f"/api/v1/devices/{device.name}/commands"
    if wait is not None:
        path += "?" + urllib.parse.urlencode({"wait": wait})
    answer = device.stand.service.request("POST", path, {"kind": kind, **members},
                                          headers={"Idempotency-Key": key} if key else None)
    assert answer.status == expect, (kind, members, answer)
    return answer.json


def shown(device, command):
    return device.stand.service.api("GET", f"/commands/{command['command_id']}")


def in_state(device, command, state):
    """The command once it is in this state."""
    def there():
        now = shown(device, command)
        assert now["state"] == state or now["settled_at"] is None, f"{state} wanted: {now}"
        return now if now["state"] == state else None
    return wait_until(there, f"command {command['command_id']} {state}", every=0.02)


def receive(device, client, suffix, where=lambda body: True, timeout=20, qos=1):
    """The next frame on this topic of the device, checked for what all commands have."""
    message = client.next(device.topic(suffix), lambda m: where(json.loads(m.payload)), timeout)
    assert message.qos == qos and not message.retain
    body = json.loads(message.payload)
    assert list(body) == ["MessageId", "HeaderCtrl", "Payload", "Version"], body
    assert body["Version"] == "2.0" and FIRST_ID <= body["MessageId"] <= LAST_ID, body
    return body


def acknowledge(device, client, suffix, message_id, code="200", msg="SUCCESS", header_ctrl=None, **more):
    payload = {"Code": code, "Msg": msg, **more}
    client.publish(device.topic(suffix), frame(header_ctrl or PUBLISH[suffix], payload, message_id))


def noted(device, text):
    """The device's messages whose note holds this, once there is one."""
    return wait_until(lambda: [m for m in device.messages() if text in (m["note"] or "")], f'a message noted "{text}"')
