#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-4: the identities in a request must be the login's; another OpenID or ProductID gets Code 2, another
NodeEui Code 4, on the asker's own downlink, on record, and nothing about the other device changes."""
from stand import run


def auth_4_payload_must_name_the_login(stand):
    product, other_product = stand.product(auth_type=0), stand.product(auth_type=0)
    victim = stand.device(product)
    assert victim.authenticate()["Code"] == 0
    asker = stand.device(product)
    client = asker.auth_client().connect().must_subscribe(asker.topic("downlink"))
    watcher = stand.operator(victim.topic("#"))

    for changes, code in [({"OpenID": "0000FFFF"}, 2), ({"OpenID": stand.vendor()}, 2),
                          ({"ProductID": other_product.product_id}, 2), ({"ProductID": "0000FFFF"}, 2),
                          ({"NodeEui": victim.node_eui}, 4), ({"NodeEui": "neverSeen"}, 4)]:
        reply = asker.ask(client, asker.auth_request(**changes))["Payload"]
        assert reply["Code"] == code, (changes, reply)
        assert set(reply) == {"Code"}, reply
        assert any(message["code"] == str(code) and message["requirement"] == "AUTH-4"
                   for message in asker.messages()), asker.messages()

    stand.service.api("GET", f"/devices/{asker.name}", expect=404)
    stand.service.api("GET", f"/devices/{product.product_id}.neverSeen", expect=404)
    assert asker.ask(client, asker.auth_request())["Payload"]["Code"] == 0
    assert watcher.unclaimed() == []


run(auth_4_payload_must_name_the_login)
