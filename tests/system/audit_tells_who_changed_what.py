#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every change through the API leaves one entry in the audit list: who, from where, when, what, to what, before and after,
without secrets. So does every answer with secrets. What was refused leaves none, a repeat no second one, an import one a
product that got devices. The list is paged, narrowed down and only added to; `xgate audit` prints it."""
import json
import re

from stand import run
from stand.hex_product import DEMO
from stand.thing_model import METER
from stand.waiting import wait_until

WIFI = "only the device's"
KEY, SECRET = "DB6FACEF35BEBA0517712F0E4BE32936", "326086233FAB8A96566796551EB1DFF8"


class Audit:
    def __init__(self, stand):
        self.stand, self.service, self.seen = stand, stand.service, 0

    def new(self):
        """The entries since the last look, oldest first."""
        items = [one for one in self.service.items("/audit", limit=7) if one["audit_id"] > self.seen]
        self.seen = max([self.seen] + [one["audit_id"] for one in items])
        return items[::-1]

    def one(self, operation, **members):
        entries = self.new()
        assert len(entries) == 1, (operation, entries)
        entry = entries[0]
        assert entry["operation"] == operation and entry["address"] == "127.0.0.1" and entry["at"], entry
        for name, value in members.items():
            assert entry[name] == value, (operation, name, entry)
        return entry


def what_is_made_and_changed(stand, audit):
    api = stand.service.api
    o = api("POST", "/vendors", {"name": "Acme"})["open_id"]
    entry = audit.one("create_vendor", open_id=o, product_id=None, node_eui=None, before=None, token_name="first", revealed=False)
    assert entry["after"]["name"] == "Acme", entry
    api("PATCH", f"/vendors/{o}", {"name": "Acme 2"})
    entry = audit.one("change_vendor", open_id=o)
    assert (entry["before"]["name"], entry["after"]["name"]) == ("Acme", "Acme 2"), entry

    p = api("POST", "/products?reveal=true", {"open_id": o, "name": "Meter", "auth_type": 2, "kind": "json", "product_key": KEY})["product_id"]
    audit.one("create_product", open_id=o, product_id=p, before=None, revealed=True)
    api("PATCH", f"/products/{p}", {"product_key": KEY[::-1], "allow_hash": True})
    entry = audit.one("change_product", product_id=p)
    changed = {name for name, value in entry["after"].items() if entry["before"].get(name) != value} - {"updated_at"}
    assert changed == {"allow_hash", "product_key"} and entry["after"]["product_key"] == "another one", entry
    api("PUT", f"/products/{p}/model", METER)
    audit.one("put_model", product_id=p, before=None, after={"version": 1})
    api("PUT", f"/products/{p}/model", METER)
    api("PUT", f"/products/{p}/model?check=true", {"properties": []})
    assert audit.new() == [], "nothing was changed"
    api("PUT", f"/products/{p}/model", {"properties": []})
    audit.one("put_model", product_id=p, before={"version": 1}, after={"version": 2})

    name = f"{p}.Meter001"
    api("POST", f"/products/{p}/devices", {"node_eui": "Meter001", "device_secret": SECRET})
    entry = audit.one("create_device", open_id=o, product_id=p, node_eui="Meter001", before=None, revealed=False)
    assert entry["after"]["state"] == "unactivated", entry
    api("POST", f"/devices/{name}/disable")
    entry = audit.one("disable_device", node_eui="Meter001")
    assert (entry["before"]["enabled"], entry["after"]["enabled"]) == (True, False), entry
    for verb in ("enable", "reset", "kick", "unlock"):
        api("POST", f"/devices/{name}/{verb}")
        audit.one(f"{verb}_device", product_id=p, node_eui="Meter001")
    command = api("POST", f"/devices/{name}/commands", {"kind": "config_set", "settings": {"Port": 7200, "WifiPassword": WIFI}})["command_id"]
    entry = audit.one("create_command", product_id=p, node_eui="Meter001")
    assert entry["after"] == {"command_id": command, "kind": "config_set", "service": None, "state": "queued",
                              "names": ["Port", "WifiPassword"], "request_bytes": 61}, entry
    api("POST", f"/commands/{command}/cancel")
    entry = audit.one("cancel_command", product_id=p, node_eui="Meter001")
    assert (entry["before"]["state"], entry["after"]["state"]) == ("queued", "cancelled"), entry

    image = stand.service.request("POST", f"/api/v1/products/{p}/firmware?version=v2", b"image", content_type="application/octet-stream").json
    audit.one("add_firmware", product_id=p, before=None, after=image)
    job = api("POST", "/upgrades", {"product_id": p, "version": "v2", "all": True, "count": 1})["job_id"]
    assert audit.one("start_upgrade", product_id=p, before=None)["after"]["job_id"] == job
    api("POST", f"/upgrades/{job}/advance", {"percent": 100})
    audit.one("advance_upgrade", product_id=p)
    api("POST", f"/upgrades/{job}/cancel")
    entry = audit.one("cancel_upgrade", product_id=p)
    assert (entry["before"]["state"], entry["after"]["state"]) == ("running", "cancelled"), entry
    api("DELETE", f"/firmware/{image['image_id']}")
    audit.one("delete_firmware", product_id=p, before=image, after=None)
    hexes = stand.product(kind="hex", open_id=o).product_id
    audit.one("create_product", product_id=hexes)
    put = stand.service.request("PUT", f"/api/v1/products/{hexes}/script", DEMO, content_type="text/javascript")
    assert put.status == 201
    audit.one("put_script", product_id=hexes, before=None, after={"version": 1})
    stand.service.request("PUT", f"/api/v1/products/{hexes}/script", DEMO, content_type="text/javascript")
    api("POST", f"/products/{hexes}/script/test", {"hex": "0407"})
    assert audit.new() == [], "nothing was changed"
    what_is_imported(stand, audit, o, hexes)
    return o, p, name


def what_is_imported(stand, audit, o, hexes):
    lines = "product_id,node_eui\n" + "".join(f"{hexes},Line{n:04}\n" for n in range(3000)) + "x,y\n"
    stand.service.request("POST", "/api/v1/devices/import", lines, content_type="text/csv")
    audit.one("import_devices", open_id=o, product_id=hexes, before=None,
              after={"imported": 3000})
    stand.service.request("POST", "/api/v1/devices/import", lines, content_type="text/csv")
    assert audit.new() == [], "nothing was changed"
    # into several products: each, and each vendor, finds its own
    others = stand.product(kind="hex").product_id
    audit.new()
    lines = f"product_id,node_eui\n{hexes},Line0001\n{hexes},More0001\n{others},More0001\n{others},More0002\n"
    stand.service.request("POST", "/api/v1/devices/import", lines, content_type="text/csv")
    entries = {entry["product_id"]: entry for entry in audit.new()}
    assert {name: entry["after"] for name, entry in entries.items()} == {hexes: {"imported": 1}, others: {"imported": 2}}, entries
    assert entries[hexes]["open_id"] == o != entries[others]["open_id"], entries


def who_and_secrets(stand, audit, p, name):
    api = stand.service.api
    made = api("POST", "/tokens", {"name": "bench", "role": "operate", "product_id": p})
    stand.keep_secret(made["token"], "an API token")
    entry = audit.one("create_token", product_id=p, before=None)
    assert entry["after"]["role"] == "operate" and "token" not in entry["after"], entry
    stand.service.request("POST", f"/api/v1/devices/{name}/unlock", token=made["token"])
    audit.one("unlock_device", token_id=made["token_id"], token_name="bench")
    # refused: by role, by scope, by its body, by what there is
    for method, path, body, token in (("DELETE", f"/devices/{name}", None, made["token"]), ("POST", "/vendors", {}, ""),
                                      ("POST", "/devices/FFFFFFFF.nobody/enable", None, made["token"]),
                                      ("POST", f"/products/{p}/devices", {"node_eui": "Meter001"}, "")):
        assert stand.service.request(method, "/api/v1" + path, body, token=token).status in (403, 404, 409, 422)
    assert audit.new() == []
    for _time in range(2):
        answer = stand.service.request("POST", "/api/v1/vendors", {"name": "once"}, headers={"Idempotency-Key": "once"})
        assert answer.status == 201
    audit.one("create_vendor")
    api("POST", f"/tokens/{made['token_id']}/revoke")
    entry = audit.one("revoke_token", product_id=p)
    assert entry["before"]["revoked_at"] is None and entry["after"]["revoked_at"], entry
    assert api("POST", f"/tokens/{made['token_id']}/revoke")["revoked_at"] == entry["after"]["revoked_at"]
    assert audit.new() == [], "it was revoked already"

    for path, operation in ((f"/devices/{name}", "get_device"), (f"/products/{p}", "get_product")):
        api("GET", path)
        assert audit.new() == [], "nothing was shown"
        api("GET", f"{path}?reveal=true")
        audit.one(operation, product_id=p, revealed=True, before=None, after=None)
    stand.service.request("GET", f"/api/v1/devices/export?product_id={p}&reveal=true")
    audit.one("export_devices", product_id=p, revealed=True)
    stored = str(stand.database.sql("SELECT a::text FROM audit a"))
    for secret in (KEY, KEY[::-1], SECRET, WIFI, made["token"], stand.service.token):
        assert secret not in stored


def narrowed_down_and_printed(stand, o, p, name):
    items = stand.service.items
    everything = items("/audit", limit=3)
    ids = [entry["audit_id"] for entry in everything]
    stored = [int(row[0]) for row in stand.database.sql("SELECT audit_id FROM audit ORDER BY 1 DESC")]
    assert len(ids) > 20 and ids == stored, (ids, stored)
    for query, wanted in (({"product_id": p}, lambda one: one["product_id"] == p),
                          ({"product_id": p, "node_eui": "Meter001"}, lambda one: one["node_eui"] == "Meter001"),
                          ({"open_id": o}, lambda one: one["open_id"] == o), ({"operation": "create_device"}, lambda one: one["operation"] == "create_device"),
                          ({"token_id": 1}, lambda one: one["token_id"] == 1),
                          ({"since": everything[4]["at"]}, lambda one: one["at"] >= everything[4]["at"]),
                          ({"until": everything[4]["at"]}, lambda one: one["at"] < everything[4]["at"])):
        found = items("/audit", **query)
        assert found and found == [one for one in everything if wanted(one)], query
    for wrong in ("?token_id=x", "?limit=0", "?cursor=x", "?colour=red", "?since=now"):
        assert stand.service.request("GET", "/api/v1/audit" + wrong).status == 400, wrong

    printed = stand.xgate("audit", name).stdout
    assert re.search(r"1 first\s+127\.0\.0\.1\s+disable_device\s+\S+Meter001\s.*enabled true → false", printed), printed
    assert "secrets shown" in printed, printed
    assert json.loads(stand.xgate("audit", p, "--operation", "put_model", "--limit", "1", "--json").stdout)[0]["after"] == {"version": 2}
    assert "bench" in stand.xgate("audit", "--token", "2").stdout

    # whose it is: another vendor's admin sees no entry of this one, and an operator none at all
    made = stand.service.api("POST", "/tokens", {"name": "other", "role": "admin", "open_id": stand.vendor()})
    assert stand.service.request("GET", "/api/v1/audit", token=made["token"]).json["items"][0]["operation"] == "create_token"
    assert stand.service.request("GET", f"/api/v1/audit?product_id={p}", token=made["token"]).json["items"] == []
    operate = stand.service.api("POST", "/tokens", {"name": "operate", "role": "operate"})
    assert stand.service.request("GET", "/api/v1/audit", token=operate["token"]).status == 403


def only_added_to(stand):
    sql = stand.database.sql
    count = sql("SELECT count(*) FROM audit")
    for statement in ("UPDATE audit SET token_name = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        try:
            sql(statement)
        except Exception as error:  # psql's
            assert "only added to" in str(error) + str(getattr(error, "stderr", "")), error
        else:
            raise AssertionError(f"{statement} was done")
    assert sql("SELECT forget_audit(now() + interval '1 hour', 1000)") == [["0"]] and sql("SELECT count(*) FROM audit") == count
    sql("INSERT INTO audit (at, token_id, token_name, address, operation, revealed) VALUES (now() - interval '731 days', 1, 'x', 'x', 'old', false), "
        "(now() - interval '729 days', 1, 'x', 'x', 'kept', false)")
    stand.service.restart()  # the housekeeping looks at once, then every minute
    wait_until(lambda: not sql("SELECT 1 FROM audit WHERE operation = 'old'"), "[audit] retention_days")
    assert sql("SELECT 1 FROM audit WHERE operation = 'kept'")


def audit_tells_who_changed_what(stand):
    for secret in (KEY, KEY[::-1], SECRET):
        stand.keep_secret(secret, "a secret")
    audit = Audit(stand)
    audit.new()
    o, p, name = what_is_made_and_changed(stand, audit)
    who_and_secrets(stand, audit, p, name)
    narrowed_down_and_printed(stand, o, p, name)
    stand.service.api("DELETE", f"/devices/{name}")
    audit.new()
    stand.service.api("DELETE", f"/products/{p}")
    entry = audit.one("delete_product", open_id=o, product_id=p, after=None)
    assert entry["before"]["name"] == "Meter", entry
    only_added_to(stand)


run(audit_tells_who_changed_what)
