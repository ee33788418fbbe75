#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A counter counts what stands in the database: nothing of a transaction that was rolled back, and every command, whoever
queues, cancels or settles it: the API, a flow, an upgrade job, a reset."""
import collections
import re

from stand import run
from stand.commands import in_state, queue
from stand.ota import Firmware, content, start, upload, wait_state
from stand.waiting import wait_until


def metrics(stand):
    text = stand.service.request("GET", "/metrics", token=None).body.decode()
    return {name: float(value) for name, value in re.findall(r"^(xgate_\S+) (\S+)$", text, re.M)}


def rolled_back(stand):
    """A session key is issued, and then the message of the same transaction is refused."""
    stand.database.sql("ALTER TABLE message ADD CONSTRAINT no_auth CHECK (topic <> '/sys/device/auth')")
    device = stand.device(stand.product(encrypted=True))
    assert device.ask(device.auth_client().connect().must_subscribe(device.topic("downlink")),
                      device.auth_request())["Payload"] == {"Code": 1}
    assert stand.database.sql("SELECT count(*) FROM session_key") == [["0"]]
    assert metrics(stand)["xgate_session_keys_issued_total"] == 0, "counted, and rolled back"
    stand.database.sql("ALTER TABLE message DROP CONSTRAINT no_auth")


def upgrade(stand):
    """Commands that no request queues or cancels: firmware_ask, ota_notify, and their ends."""
    product = stand.product()
    first, second = stand.device(product), stand.device(product)
    for number, version in enumerate(("v2", "v3")):
        upload(stand, product, version, content(1000, number))
    installed, waiting = Firmware(first).boot(), Firmware(second).boot()
    job = start(stand, product, "v2", [first])["job_id"]  # asks the device, which is online
    installed.report()
    notice = installed.notified()
    installed.version = "v2"
    installed.boot()  # without a confirmation: the notice is withdrawn
    wait_state(stand, job, first, "succeeded")
    job = start(stand, product, "v3", [second])["job_id"]
    waiting.report()
    waiting.notified()
    stand.service.api("POST", f"/upgrades/{job}/cancel")
    assert notice["Payload"]["SoftVer"] == "v2"


def reset(stand):
    """A device with a key to be told is reset."""
    device = stand.device(stand.product(encrypted=True))
    device.authenticate()
    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second'")
    client = device.login(subscribe=["uplink_ack"])
    wait_until(lambda: [c for c in stand.service.items(f"/devices/{device.name}/commands") if c["kind"] == "key_update"],
               "the update in the list")
    stand.act(device, "reset")
    client.drop()


def metrics_count_only_what_is_committed(stand):
    rolled_back(stand)
    upgrade(stand)
    reset(stand)
    device = stand.device()
    in_state(device, queue(device, "down", data=1, ttl_s=1), "expired")

    rows = stand.database.sql("SELECT kind, state FROM command")
    queued, ended = collections.Counter(kind for kind, _ in rows), collections.Counter(map(tuple, rows))
    assert {"firmware_ask", "ota_notify", "key_update", "down"} <= set(queued), queued
    assert ended["ota_notify", "cancelled"] == 2 and ended["key_update", "cancelled"] == 1, ended

    def told(kind, state):
        return metrics(stand)[f'xgate_commands_total{{kind="{kind}",state="{state}"}}']
    for kind, count in queued.items():
        assert told(kind, "queued") == count, (kind, told(kind, "queued"), queued)
    for (kind, state), count in ended.items():
        if state in ("done", "failed", "expired", "cancelled"):
            wait_until(lambda: told(kind, state) == count, f"{count} {kind} {state}, not {told(kind, state)}")


run(metrics_count_only_what_is_committed)
