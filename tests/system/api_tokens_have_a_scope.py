#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token for one vendor or one product sees and changes only what is theirs. Everything else is answered as what does not
exist, lists leave it out, and what is the platform's is refused with one sentence."""
from stand import run
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until

FORBIDDEN = [("POST", "/vendors", {"name": "x"}), ("GET", "/tokens", None), ("POST", "/tokens", {"name": "x", "role": "read"}),
             ("POST", "/tokens/1/revoke", None)]


class Owner:
    """A vendor with a product, a device and one of everything that has a number."""

    def __init__(self, stand, name):
        self.vendor = stand.vendor(name=name)
        self.product = stand.product(auth_type=2, open_id=self.vendor, name=name)
        self.device = stand.device(self.product)
        client = self.device.login(subscribe=["uplink_ack"])
        self.device.send(client, "uplink", {"from": name})
        client.disconnect()
        api = stand.service.api
        self.command = api("POST", f"/devices/{self.device.name}/commands", {"kind": "firmware_ask"})["command_id"]
        self.image = stand.service.request("POST", f"/api/v1/products/{self.product.product_id}/firmware?version=v2", b"image",
                                           content_type="application/octet-stream").json["image_id"]
        self.job = api("POST", "/upgrades", {"product_id": self.product.product_id, "version": "v2", "all": True})["job_id"]
        raw = RawClient(stand.broker.port)
        assert raw.login(self.device.v2_credentials()[0], self.device.v2_credentials()[1], "0" * 96) != 0
        raw.close()
        wait_until(lambda: stand.service.items("/refusals", product_id=self.product.product_id), "the refusal")

    def requests(self, nobody=None):
        """What names something of this owner, or, in its place, of nobody: (method, path, body, what is named)"""
        p, d, o = (self.product.product_id, self.device.name, self.vendor)
        c, i, j = (str(number) for number in (self.command, self.image, self.job))
        if nobody:
            o, p, d, c, i, j = "FFFFFFFF", "FFFFFFFF", f"FFFFFFFF.{self.device.node_eui}", "999999", "999998", "999997"
        yield from ((method, path, body, names) for names, rows in (
            (o, [("GET", f"/vendors/{o}", None), ("PATCH", f"/vendors/{o}", {"name": "mine"})]),
            (p, [("GET", f"/products/{p}", None), ("GET", f"/products/{p}?reveal=true", None), ("PATCH", f"/products/{p}", {"name": "mine"}),
                ("PATCH", f"/products/{p}", {"colour": 1}), ("DELETE", f"/products/{p}", None),
                ("GET", f"/products/{p}/model", None), ("PUT", f"/products/{p}/model", {"properties": []}),
                ("GET", f"/products/{p}/script", None), ("POST", f"/products/{p}/script/test", {"hex": "00"}),
                ("POST", f"/products/{p}/devices", {"node_eui": "Mine0001"}), ("POST", f"/products/{p}/devices", {"node_eui": "-"}),
                ("GET", f"/products/{p}/devices", None), ("GET", f"/products/{p}/messages", None),
                ("GET", f"/products/{p}/firmware", None), ("GET", f"/products/{p}/commands?open=true", None),
                ("GET", f"/devices/export?product_id={p}", None),
                ("POST", "/upgrades", {"product_id": p, "version": "v2", "all": True}),
                ("POST", "/upgrades", {"product_id": p, "version": "v9", "all": True})]),
            (d, [("GET", f"/devices/{d}{more}", None) for more in
                ("", "/messages", "/properties", "/events", "/history/temp", "/upgrades", "/commands", "/config")] +
               [("POST", f"/devices/{d}/{verb}", None) for verb in ("enable", "disable", "reset", "kick", "unlock")] +
               [("DELETE", f"/devices/{d}", None), ("POST", f"/devices/{d}/commands", {"kind": "firmware_ask"}),
                ("POST", f"/devices/{d}/commands", {"kind": "none"})]),
            (c, [("GET", f"/commands/{c}", None), ("POST", f"/commands/{c}/cancel", None)]),
            (i, [("DELETE", f"/firmware/{i}", None)]),
            (j, [("GET", f"/upgrades/{j}", None), ("GET", f"/upgrades/{j}/devices", None), ("POST", f"/upgrades/{j}/cancel", None),
                ("POST", f"/upgrades/{j}/advance", {"count": 1}), ("POST", f"/upgrades/{j}/retry", {})]),
        ) for method, path, body in rows)


def api_tokens_have_a_scope(stand):
    service = stand.service
    mine, theirs = Owner(stand, "mine"), Owner(stand, "theirs")
    p, other = mine.product.product_id, theirs.product.product_id

    def token(**scope):
        return service.api("POST", "/tokens", {"name": "scoped", "role": "admin", **scope})

    tokens = {"vendor": token(open_id=mine.vendor)["token"], "product": token(product_id=p)["token"]}

    for kind, secret in tokens.items():
        def ask(method, path, body=None, **options):
            return service.request(method, "/api/v1" + path, body, token=secret, **options)

        def listed(path, member, ask=ask):
            answer = ask("GET", path)
            assert answer.status == 200, answer
            return {item[member] for item in answer.json["items"]}

        # another's is answered as nobody's, word for word, whatever is asked of it
        before = stand.database.sql("SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM command), (SELECT count(*) FROM upgrade_job)")
        for (method, path, body, name), (_, nowhere, other_body, nobody) in zip(theirs.requests(), theirs.requests(nobody=True)):
            got, wanted = ask(method, path, body), ask(method, nowhere, other_body)
            assert got.status == wanted.status == 404, (kind, method, path, got, wanted)
            assert got.json | {"detail": got.json["detail"].replace(name, nobody)} == wanted.json, (got, wanted)
        assert before == stand.database.sql("SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM command), (SELECT count(*) FROM upgrade_job)")
        assert ask("GET", f"/products/{other.lower()}").json["detail"] == f"there is no product {other.lower()}", "no hint at another's id"

        # lists over all
        assert listed("/vendors", "open_id") == ({mine.vendor} if kind == "vendor" else set())
        assert listed("/products", "product_id") == {p} and listed(f"/products?open_id={theirs.vendor}", "product_id") == set()
        assert listed("/messages", "device") == {mine.device.name} == listed("/messages?after=earliest", "device")
        assert listed("/refusals", "product_id") == {p} == listed("/refusals?after=earliest", "product_id")
        assert listed(f"/refusals?product_id={other}", "product_id") == set()
        assert listed("/upgrades", "product_id") == {p} and listed(f"/upgrades?product_id={other}", "product_id") == set()
        done = ask("POST", "/devices/import", f"product_id,node_eui\n{other},Stolen01\n{p},{kind}01\nFFFFFFFF,Nobody01\n",
                   content_type="text/csv").json
        assert (done["imported"], done["rejected"]) == (1, 2) and len({one["reason"] for one in done["errors"]}) == 1, done

        # what is the platform's
        for method, path, body in FORBIDDEN:
            refused = ask(method, path, body)
            named = f"vendor {mine.vendor}" if kind == "vendor" else f"product {p}"
            assert refused.status == 403 and refused.json["detail"].endswith(f"and this one is for {named}"), refused

        # its own
        assert ask("GET", f"/products/{p}?reveal=true").json["product_key"] == mine.product.product_key
        assert ask("POST", f"/devices/{mine.device.name}/kick").status == 200
        assert ask("GET", f"/commands/{mine.command}").status == ask("GET", f"/upgrades/{mine.job}").status == 200

    new = {"name": "new", "auth_type": 1, "kind": "json"}
    answer = service.request("POST", "/api/v1/products", {**new, "open_id": mine.vendor}, token=tokens["vendor"])
    assert answer.status == 201, answer
    answers = [service.request("POST", "/api/v1/products", {**new, "open_id": o}, token=tokens["vendor"]) for o in (theirs.vendor, "FFFFFFFF")]
    assert [one.status for one in answers] == [422, 422] and answers[0].body.decode().replace(theirs.vendor, "FFFFFFFF") == answers[1].body.decode()
    refused = service.request("POST", "/api/v1/products", {**new, "open_id": mine.vendor}, token=tokens["product"])
    assert refused.status == 403 and "this token is for product" in refused.json["detail"], refused
    assert service.request("PATCH", f"/api/v1/vendors/{mine.vendor}", {"name": "own"}, token=tokens["vendor"]).status == 200

    for wrong in ({"open_id": "FFFFFFFF"}, {"product_id": "FFFFFFFF"}, {"open_id": mine.vendor, "product_id": p}, {"open_id": 5}):
        assert service.request("POST", "/api/v1/tokens", {"name": "x", "role": "read", **wrong}).status == 422, wrong

    operators_limits_stay(service, mine, tokens)
    a_deleted_products_tokens_end(stand, mine, theirs, token)
    what_a_deleted_product_said_is_not_its_successors(stand, mine, theirs, token)


def a_deleted_products_tokens_end(stand, mine, theirs, token):
    """Its id may be another vendor's tomorrow."""
    service = stand.service
    new = {"name": "new", "auth_type": 1, "kind": "json"}
    spare = stand.product(open_id=mine.vendor)
    spare_token = token(product_id=spare.product_id)["token"]
    assert service.request("GET", f"/api/v1/products/{spare.product_id}", token=spare_token).status == 200
    service.api("DELETE", f"/products/{spare.product_id}")
    service.api("POST", "/products", {**new, "open_id": theirs.vendor, "product_id": spare.product_id})
    assert service.request("GET", f"/api/v1/products/{spare.product_id}", token=spare_token).status == 401


def operators_limits_stay(service, mine, tokens):
    """What bounds a vendor's share of the platform, and whether it is let in at all, is not his own to change."""
    p, o = mine.product.product_id, mine.vendor
    shown = service.api("GET", f"/products/{p}")
    limits = {"messages_per_second": 1_000_000, "bytes_per_second": 2_000_000_000, "registration_quota": None,
              "registration_rate_per_minute": 1_000_000}
    new = {"name": "new", "auth_type": 1, "kind": "json", "open_id": o}
    for name, value in limits.items():
        for kind, path, body in (("vendor", f"/products/{p}", {name: value}), ("product", f"/products/{p}", {name: value}),
                                 ("vendor", "/products", {**new, name: value})):
            refused = service.request("POST" if body.get("open_id") else "PATCH", "/api/v1" + path, body, token=tokens[kind])
            assert refused.status == 403 and f"{name}" in refused.json["detail"] and "for the whole platform" in refused.json["detail"], refused
        # as it is it may be named
        assert service.request("PATCH", f"/api/v1/products/{p}", {name: shown[name]}, token=tokens["product"]).status == 200
    service.api("PATCH", f"/products/{p}", {"enabled": False})
    service.api("PATCH", f"/vendors/{o}", {"enabled": False})
    refused = service.request("PATCH", f"/api/v1/vendors/{o}", {"enabled": True}, token=tokens["vendor"])
    assert refused.status == 403 and refused.json["detail"].startswith(f"this token is for vendor {o}: whether that is enabled"), refused
    refused = service.request("PATCH", f"/api/v1/products/{p}", {"enabled": True}, token=tokens["product"])
    assert refused.status == 403 and refused.json["detail"].startswith(f"this token is for product {p}: whether that is enabled"), refused
    assert service.request("PATCH", f"/api/v1/products/{p}", {"enabled": True}, token=tokens["vendor"]).status == 200
    assert service.api("PATCH", f"/vendors/{o}", {"enabled": True})["enabled"]
    assert {name: service.api("GET", f"/products/{p}")[name] for name in limits} == {name: shown[name] for name in limits}


def what_a_deleted_product_said_is_not_its_successors(stand, mine, theirs, token):
    service = stand.service
    vendors = token(open_id=theirs.vendor)["token"]

    def ask(path, secret=vendors):
        return service.request("GET", "/api/v1" + path, token=secret)

    def make(product_id):
        return service.request("POST", "/api/v1/products", {"name": "new", "auth_type": 2, "kind": "transparent", "open_id": theirs.vendor,
                                                            "product_id": product_id}, token=vendors)

    old = Owner(stand, "gone")
    p = old.product.product_id
    # an id that somebody has is not free: in which case he has it is not told
    letters = stand.product(open_id=mine.vendor, product_id="ABCDEF01")
    answers = [make(one) for one in (letters.product_id, letters.product_id.lower())]
    assert [one.status for one in answers] == [409, 409], answers
    assert answers[0].json["detail"].replace("ABCDEF01", "abcdef01") == answers[1].json["detail"], answers
    assert "ABCDEF01" not in answers[1].body.decode(), answers

    service.api("DELETE", f"/devices/{old.device.name}")
    service.api("DELETE", f"/products/{p}")
    assert make(p).status == 201
    products = token(product_id=p)["token"]
    device = old.device.node_eui
    for secret in (vendors, products):
        assert ask(f"/devices/{p}.{device}/messages", secret).status == 404, "nor that there was such a device"
    service.api("POST", f"/products/{p}/devices", {"node_eui": device})
    for secret in (vendors, products):
        for path in (f"/products/{p}/messages", f"/devices/{p}.{device}/messages", f"/refusals?product_id={p}"):
            for more in ("", "after=earliest"):
                answer = ask(path + ("&" if "?" in path else "?") + more, secret)
                assert answer.status == 200 and answer.json["items"] == [], (path, answer)
        for path in ("/messages", "/messages?after=earliest", "/refusals", "/refusals?after=earliest"):
            assert p not in ask(path, secret).body.decode(), path
        told = {entry["operation"] for entry in ask(f"/audit?product_id={p}", secret).json["items"]}
        assert told == {"create_product", "create_token", "create_device"}, told
    assert service.items(f"/products/{p}/messages") and service.items("/refusals", product_id=p), "the operator sees what is kept"

    # what comes now is theirs
    raw = RawClient(stand.broker.port)
    assert raw.login(f"V2_{p}.{device}_0_1675404867", f"{theirs.vendor}-{p}-{device}", "0" * 96) != 0
    raw.close()
    wait_until(lambda: len(service.items("/refusals", product_id=p)) == 2, "another refusal")
    for secret in (vendors, products):
        assert len(ask(f"/refusals?product_id={p}", secret).json["items"]) == 1, "its own"
        wait_until(lambda: ask("/refusals?after=earliest", secret).body.decode().count(f'"product_id":"{p}"') == 1, "it where one follows")


run(api_tokens_have_a_scope)
