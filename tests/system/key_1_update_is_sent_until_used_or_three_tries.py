#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: Command 3 is sent again until the device uses the new key, or three tries are over; always with the same new
key; and a connected device gets it past the expiry too."""
import json

from stand import run
from stand.commands import in_state
from stand.device import frame


def key_1_update_is_sent_until_used_or_three_tries(stand):
    product = stand.product(encrypted=True, key_lifetime_s=2)
    deaf, good = stand.device(product), stand.device(product)
    for device in (deaf, good):
        device.authenticate()
    stand.change_product(product, key_lifetime_s=3600)  # of the new keys
    clients = {device: device.login(subscribe=["downlink", "uplink_ack"]) for device in (deaf, good)}

    def update(device):
        message = clients[device].next(device.topic("downlink"), timeout=30)
        body = json.loads(message.payload)
        assert body["HeaderCtrl"] == 3, body
        return body["Payload"]["SessionID"], body["Payload"]["Nonce"]

    # connected past the expiry of two seconds; from here on the old keys are good for long, too
    first, tries = update(good), [update(deaf)]
    stand.database.sql("UPDATE session_key SET expires_at = now() + interval '1 hour'")
    good.use_session(*first)
    assert good.send(clients[good], "uplink", good.seal({}))["Payload"]["Code"] == "200"

    tries += [update(deaf) for _try in range(2)]
    assert len(set(tries)) == 1, f"one new key, sent three times: {tries}"
    for device, state, fewest in ((deaf, "failed", 3), (good, "done", 1)):
        newest = stand.service.items(f"/devices/{device.name}/commands")[0]
        ended = in_state(device, newest, state)
        assert ended["kind"] == "key_update" and fewest <= ended["tries"] <= 3, ended
    assert stand.database.sql("SELECT count(*) FROM command WHERE settled_at IS NULL") == [["0"]], "no further try planned"
    assert deaf.send(clients[deaf], "uplink", deaf.seal({"old": "key"}))["Payload"]["Code"] == "200"
    for device in (deaf, good):
        stand.operator().publish(device.topic("downlink"), frame(7, {"data": "fence"}))
        clients[device].next(device.topic("downlink"),
                             lambda m: json.loads(m.payload)["HeaderCtrl"] == 7)
        later = [m for m in clients[device].unclaimed() if m[0] == device.topic("downlink")]
        # a resend may have crossed the first use of the key
        assert len(later) <= (1 if device is good else 0), later


run(key_1_update_is_sent_until_used_or_three_tries, settings="[keys]\ntries = 3\nretry_s = [1, 1, 1]\n")
