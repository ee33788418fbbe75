#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: vendors and products with given or generated ids and keys; changes are seen; a product without devices can
be deleted. ID-1, ID-2."""
import re

from stand import run

GIVEN_KEY = "DB6FACEF35BEBA0517712F0E4BE32936"


def api_vendors_and_products_come_and_go(stand):
    api = stand.service.api
    made = api("POST", "/vendors", {"name": "Lierda 利尔达"}, expect=201)
    assert re.fullmatch("[0-9A-F]{8}", made["open_id"]) and made["enabled"] is True, made
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["created_at"]), made
    given = api("POST", "/vendors", {"name": "Given", "open_id": "7ED01E2A"}, expect=201)
    assert given["open_id"] == "7ED01E2A"
    assert api("GET", "/vendors/7ED01E2A") == given
    assert {v["open_id"] for v in stand.service.items("/vendors")} >= {made["open_id"], "7ED01E2A"}
    assert api("PATCH", "/vendors/7ED01E2A", {"name": "Renamed"})["name"] == "Renamed"

    product = api("POST", "/products?reveal=true", {"open_id": "7ED01E2A", "name": "Meter", "auth_type": 2, "kind": "json",
                                                    "encrypted": True}, expect=201)
    assert re.fullmatch("[0-9A-F]{8}", product["product_id"]), product
    assert re.fullmatch("[0-9A-F]{32}", product["product_key"]), product
    defaults = {"enabled": True, "version": "2.0", "key_lifetime_s": 172800, "key_reading": None,
                "reveal_device_secret": None, "reauth": "always", "accept_plaintext": False, "allow_hash": False, "require_type_1": False,
                "topic_names": "section", "encrypted": True, "auth_type": 2, "kind": "json"}
    assert {name: product[name] for name in defaults} == defaults, product
    stand.keep_secret(product["product_key"], "ProductKey")
    stand.keep_secret(GIVEN_KEY, "ProductKey")
    burnt = api("POST", "/products?reveal=true", {"open_id": "7ED01E2A", "name": "Burnt", "auth_type": 0, "kind": "hex",
                                                  "product_id": "AA30C505", "product_key": GIVEN_KEY}, expect=201)
    assert (burnt["product_id"], burnt["product_key"]) == ("AA30C505", GIVEN_KEY)
    assert [p["product_id"] for p in stand.service.items("/products", open_id="7ED01E2A")].count("AA30C505") == 1
    assert stand.service.items("/products", open_id=made["open_id"]) == []
    changed = api("PATCH", "/products/AA30C505?reveal=true", {"allow_hash": True, "name": "Changed"})
    assert (changed["allow_hash"], changed["name"], changed["product_key"]) == (True, "Changed", GIVEN_KEY)
    assert changed["updated_at"] >= burnt["updated_at"]
    api("DELETE", "/products/AA30C505", expect=204)
    api("GET", "/products/AA30C505", expect=404)


run(api_vendors_and_products_come_and_go)
