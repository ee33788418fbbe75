#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: whatever is wrong with a request is told as RFC 9457 problem+json with a matching status, and changes
nothing."""
import json

from stand import run


def api_refusals_are_problems(stand):
    product = stand.product()
    device = stand.device(product)
    service = stand.service
    p = product.product_id
    before = stand.database.sql("SELECT (SELECT count(*) FROM vendor), (SELECT count(*) FROM product), "
                                "(SELECT count(*) FROM device)")

    def problem(status, method, path, body=None, **options):
        answer = service.request(method, path, body, **options)
        assert answer.status == status if isinstance(status, int) else answer.status in status, (method, path, body, answer)
        assert answer.headers["Content-Type"].startswith("application/problem+json"), (path, answer.headers)
        said = answer.json
        assert said["status"] == answer.status and said["title"], said
        return said

    bad = (400, 422)
    problem(404, "GET", "/api/v1/nothing")
    problem(404, "GET", "/nothing")
    problem(404, "GET", f"/api/v1/devices/{p}.nobody")
    problem(404, "GET", "/api/v1/devices/no-such-form")
    problem(404, "GET", "/api/v1/products/0000FFFF")
    problem(404, "GET", "/api/v1/vendors/0000FFFF")
    problem(404, "POST", f"/api/v1/devices/{p}.nobody/disable")
    problem(404, "DELETE", f"/api/v1/devices/{p}.nobody")
    problem(405, "DELETE", "/api/v1/vendors")
    problem(405, "PUT", f"/api/v1/devices/{device.name}")
    problem(bad, "POST", "/api/v1/vendors", "not json")
    problem(bad, "POST", "/api/v1/vendors", "[" * 100000)
    problem(bad, "POST", "/api/v1/vendors", {})
    problem(bad, "POST", "/api/v1/vendors", {"name": ""})
    problem(bad, "POST", "/api/v1/vendors", {"name": 5})
    problem(bad, "POST", "/api/v1/vendors", {"name": "x", "open_id": "nothex!!"})
    problem(bad, "POST", "/api/v1/vendors", {"name": "x", "surprise": 1})
    problem(409, "POST", "/api/v1/vendors", {"name": "x", "open_id": product.open_id})
    good = {"open_id": product.open_id, "name": "n", "auth_type": 1, "kind": "transparent"}
    for change in ({"auth_type": 3}, {"auth_type": "1"}, {"kind": "thing"}, {"product_key": "short"},
                   {"product_key": "Z" * 32}, {"product_id": "123"}, {"key_lifetime_s": 0}, {"key_lifetime_s": -5},
                   {"key_lifetime_s": 2**64}, {"reauth": "sometimes"}, {"key_reading": "tea_leaves"},
                   {"encrypted": "yes"}, {"name": None}, {"topic_names": "x"}):
        problem(bad, "POST", "/api/v1/products", {**good, **change})
    problem((404, 409, *bad), "POST", "/api/v1/products", {**good, "open_id": "0000FFFF"})
    problem(409, "POST", "/api/v1/products", {**good, "product_id": p})
    problem((409,), "DELETE", f"/api/v1/products/{p}")  # it has devices
    for node_eui in ("abc", "x" * 33, "a-b-c", "a b c", "设备设备", "", None, 5, "abc\n", "a'--"):
        problem(bad, "POST", f"/api/v1/products/{p}/devices", {"node_eui": node_eui})
    problem(bad, "POST", f"/api/v1/products/{p}/devices", {"node_eui": "good", "device_secret": "12"})
    problem(409, "POST", f"/api/v1/products/{p}/devices", {"node_eui": device.node_eui})
    problem(404, "POST", "/api/v1/products/0000FFFF/devices", {"node_eui": "good"})
    for query in ("limit=0", "limit=-1", "limit=x", "limit=99999999999999999999", "cursor=x", "cursor=%00"):
        problem(bad, "GET", f"/api/v1/products/{p}/devices?{query}")
    problem((400, 404, 413, 414, 431), "GET", "/api/v1/devices/" + "x" * 20000)
    problem((413,), "POST", "/api/v1/vendors", json.dumps({"name": "x" * 30_000_000}))

    after = stand.database.sql("SELECT (SELECT count(*) FROM vendor), (SELECT count(*) FROM product), "
                               "(SELECT count(*) FROM device)")
    assert after == before, (before, after)
    assert device.shown()["state"] == "unactivated"


run(api_refusals_are_problems)
