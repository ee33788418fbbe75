#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""KEY-1: at a V2_ login an expired session key is replaced: once the device has subscribed, Command 3 brings it
{SessionID, Nonce} on its downlink; a key that is still good is left alone."""
import json

from stand import run
from stand.device import frame


def key_1_expired_key_is_replaced_at_login(stand):
    product = stand.product(encrypted=True)
    fresh, stale = stand.device(product), stand.device(product)
    fresh.authenticate()
    stale.authenticate()
    default = stand.database.sql("SELECT DISTINCT extract(epoch FROM expires_at - issued_at)::bigint FROM session_key")
    assert default == [["172800"]], f"48 h by default: {default}"
    stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second' WHERE device_id = "
                       f"(SELECT device_id FROM device WHERE node_eui = '{stale.node_eui}')")

    for subscription in ("downlink", "+"):
        old_key = stale.session_key
        client = stale.login(subscribe=[subscription, "uplink_ack"])
        update = client.next(stale.topic("downlink"))
        body = json.loads(update.payload)
        assert update.qos == 1 and body["HeaderCtrl"] == 3 and body["Version"] == "2.0", body
        assert 1 <= body["MessageId"] < 1 << 31 and set(body["Payload"]) == {"SessionID", "Nonce"}, body
        stale.use_session(**{"session_id": body["Payload"]["SessionID"], "nonce": body["Payload"]["Nonce"]})
        assert stale.session_key != old_key
        assert stale.send(client, "uplink", stale.seal({"key": "new"}))["Payload"]["Code"] == "200"
        stand.database.sql("UPDATE session_key SET expires_at = now() - interval '1 second' WHERE device_id = "
                           f"(SELECT device_id FROM device WHERE node_eui = '{stale.node_eui}')")
        client.disconnect()

    untouched = fresh.login(subscribe=["downlink", "uplink_ack"])
    assert fresh.send(untouched, "uplink", fresh.seal({}))["Payload"]["Code"] == "200"
    stand.operator().publish(fresh.topic("downlink"), frame(7, {"data": "fence"}))
    assert json.loads(untouched.next(fresh.topic("downlink")).payload)["HeaderCtrl"] == 7


run(key_1_expired_key_is_replaced_at_login)
