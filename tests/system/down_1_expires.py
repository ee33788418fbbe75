#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: a command whose time to live is over is expired, whether it was never sent or never answered; what comes after that
is recorded, and changes nothing. A device that is disabled, or deleted, takes its commands with it."""
from stand import run
from stand.commands import acknowledge, in_state, noted, queue, receive, shown
from stand.waiting import wait_until


def down_1_expires(stand):
    away, deaf, gone = stand.device(), stand.device(), stand.device()
    client = deaf.login(subscribe=["downlink"])
    unsent = queue(away, "down", data=1, ttl_s=1)
    unanswered = queue(deaf, "down", data=1, ttl_s=2)
    body = receive(deaf, client, "downlink", qos=0)  # in its last two seconds it comes now or never
    expired = in_state(away, unsent, "expired")
    assert (expired["tries"], expired["sent_at"], expired["code"]) == (0, None, None) and expired["reason"], expired
    expired = in_state(deaf, unanswered, "expired")
    assert expired["tries"] == 1 and "did not answer" in expired["reason"], expired
    assert expired["settled_at"] >= expired["expires_at"]

    acknowledge(deaf, client, "downlink_ack", body["MessageId"])
    noted(deaf, "it is expired already")
    late = shown(deaf, unanswered)
    assert (late["state"], late["answers"], late["code"]) == ("expired", 1, None), late

    # what is over is not sent
    awake = away.login(subscribe=["downlink"])
    fence = queue(away, "down", data="fence")
    assert receive(away, awake, "downlink")["MessageId"] == fence["message_id"]

    awake.disconnect()
    waits = queue(away, "down", data=2, ttl_s=2)
    stand.act(away, "disable")
    assert in_state(away, waits, "expired")["tries"] == 0

    lost = queue(gone, "down", data=1)
    stand.service.api("DELETE", f"/devices/{gone.name}")
    assert stand.service.request("GET", f"/api/v1/commands/{lost['command_id']}").status == 404
    assert stand.service.request("GET", f"/api/v1/devices/{gone.name}/commands").status == 404

    # settled commands are kept as long as messages
    stand.database.sql("UPDATE command SET settled_at = settled_at - interval '40 days' WHERE settled_at IS NOT NULL "
                       f"AND command_id = {unsent['command_id']}")
    stand.service.restart()
    wait_until(lambda: stand.service.request("GET", f"/api/v1/commands/{unsent['command_id']}").status == 404,
               "retention to take it")
    assert shown(deaf, unanswered)["state"] == "expired"


run(down_1_expires)
