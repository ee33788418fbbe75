#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1, AUTH-1: of a refused AUTH- login, and of names that are wrong in any login, the operator is told which
usual mistake it was."""
from stand import run
from stand.crypto import v2_password
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until


def trace_1_auth_logins_are_explained(stand):
    # ids with letters, so that each has another case
    vendor = stand.vendor(open_id="7ED01E2A")
    device = stand.device(stand.product(auth_type=1, open_id=vendor, product_id="AA30C505"), node_eui="meterone1")
    o, p, n = device.product.open_id, device.product.product_id, device.node_eui
    key, secret = device.product.product_key, device.device_secret
    client_id, username, _ = device.auth_credentials()
    v2_id, v2_username, v2 = device.v2_credentials()
    stand.keep_secret(v2_password(secret, p, n, key, 1675404867), "type-1 password")

    mistakes = {  # what was done: (client id, username, password, words of the explanation)
        "lower case": (client_id, username, key.lower(), "in another case"),
        "cut off": (client_id, username, key[:30], "cut off after 30 of 32"),
        "newline": (client_id, username, key + "\n", "a line break"),
        "empty": (client_id, username, "", "empty"),
        "DeviceSecret": (client_id, username, secret, "the DeviceSecret was sent"),
        "V2_ password": (client_id, username, v2, "the password of a V2_ login"),
        "V2_ password of type 1": (client_id, username, v2_password(secret, p, n, key, 1675404867),
                                   "the password of a V2_ login"),
        "O and P swapped": (client_id, f"AUTH-{p}-{o}", key, "swapped"),
        "OpenID in lower case": (client_id, f"AUTH-{o.lower()}-{p}", key, "OpenID is in another case"),
        "ProductID in lower case": (f"{p.lower()}-{n}", f"AUTH-{o}-{p.lower()}", key, "in another case, write " + p),
        "_ in the username": (client_id, f"AUTH_{o}_{p}", key, "a _ stands in the username"),
        ". in the client id": (f"{p}.{n}", username, key, "a . stands in the client id"),
        "auth-": (client_id, f"auth-{o}-{p}", key, "AUTH in another case"),
        "a part too many": (client_id, f"AUTH-{o}-{p}-{n}", key, "4 parts"),
        "a part missing": (client_id, f"AUTH-{o}", key, "2 parts"),
        "V2_: O and P swapped": (v2_id, f"{p}-{o}-{n}", v2, "swapped"),
        "V2_: lower case": (v2_id.replace(p, p.lower()), f"{o}-{p.lower()}-{n}", v2, "in another case, write " + p),
        "v2_": ("v2" + v2_id[2:], v2_username, v2, "begins with v2"),
        "V2_: NodeEui in another case": (v2_id.replace(n, n.upper()), f"{o}-{p}-{n.upper()}", v2, "is registered"),
        "V2_: - for the dot": (v2_id.replace(".", "-"), v2_username, v2, "joined by other characters"),
    }
    raw = RawClient(stand.broker.port)
    assert raw.login(client_id, username, key + "\0") == 0, "the broker takes a password up to its NUL: no mistake"
    raw.close()
    seen = set()
    for what, (its_id, its_username, password, words) in mistakes.items():
        raw = RawClient(stand.broker.port)
        assert raw.login(its_id, its_username, password) == 5, what
        raw.close()

        def told(names=(its_id, its_username)):
            return next((r for r in stand.service.items("/refusals", limit=200) if r["sequence"] not in seen and
                         r["what"] == "login" and (r["client_id"], r["username"]) == names), None)
        refusal = wait_until(told, f"the refusal of: {what}")
        seen.add(refusal["sequence"])
        assert refusal["explanation"] and words in refusal["explanation"], (what, refusal)
        assert key not in refusal["explanation"] and secret not in refusal["explanation"]


# so many wrong ones would have to wait (V2-6)
run(trace_1_auth_logins_are_explained, broker_options=["--login-longest-backoff", "0"])
