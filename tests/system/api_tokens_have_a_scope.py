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

    # who deletes a product ends its tokens: its id may be another vendor's tomorrow
    spare = stand.product(open_id=mine.vendor)
    spare_token = token(product_id=spare.product_id)["token"]
    assert service.request("GET", f"/api/v1/products/{spare.product_id}", token=spare_token).status == 200
    service.api("DELETE", f"/products/{spare.product_id}")
    service.api("POST", "/products", {**new, "open_id": theirs.vendor, "product_id": spare.product_id})
    assert service.request("GET", f"/api/v1/products/{spare.product_id}", token=spare_token).status == 401


run(api_tokens_have_a_scope)
