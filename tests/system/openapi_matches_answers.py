#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml is true: it has the operations of the service's table of routes and no other, every operation is
called for (nearly) every status it documents, and each answer, and each body that was taken, fits its schema."""
import json
import re
import subprocess
import warnings

import yaml

from stand import builds, run
from stand.device import frame
from stand.hex_product import DEMO
from stand.raw_mqtt import RawClient
from stand.thing_model import METER
from stand.waiting import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jsonschema

DOCUMENT = yaml.safe_load((builds.SOURCE / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
ROUTES = (builds.SOURCE / "service" / "api" / "routes.cpp").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (builds.SOURCE / "service" / "api").glob("*.cpp"))
# 503 needs the database away (database_away_… tests), the conflict of an import a race; 429 makes everybody wait
# (api_wrong_tokens_back_off).
NOT_CALLED_FOR = {"429", "503"}
# A full disk is no test's.
NOT_CALLED = {("import_devices", "409"), ("add_firmware", "507")}


def resolved(node):
    while isinstance(node, dict) and "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def check(schema, value, what):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        validator = jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver("", DOCUMENT))
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, (what, errors)


def fits(schema, value):
    try:
        check(schema, value, "")
        return True
    except AssertionError:
        return False


class Operations:
    def __init__(self, service):
        self.service = service
        self.called = set()
        self.all = {}
        for path, item in DOCUMENT["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    self.all[operation["operationId"]] = (method.upper(), path, operation)

    def call(self, name, status, *values, body=None, query="", **options):
        """Calls an operation with the path's values; the answer's JSON (or text), checked against the document."""
        method, path, operation = self.all[name]
        for value in values:
            path = re.sub(r"\{\w+\}", value, path, count=1)
        documented = resolved(operation["responses"]).get(str(status))
        assert documented, f"{name}: {status} is not documented"
        answer = self.service.request(method, path + query, body, **options)
        assert answer.status == status, (name, status, answer)
        self.called.add((name, str(status)))
        if not (status == 422 and "Idempotency-Key" in options.get("headers", {})):  # the key is wrong then
            self.check_request(operation, name, status, body)
        documented = resolved(documented)
        for header, described in documented.get("headers", {}).items():
            assert header in answer.headers or not resolved(described).get("required", True), (name, status, header)
        if "content" not in documented:
            assert answer.body == b"", (name, answer)
            return None
        media_type = answer.headers["Content-Type"].split(";")[0]
        assert media_type in documented["content"], (name, status, media_type)
        value = answer.json if "json" in media_type else answer.body.decode()
        check(resolved(documented["content"][media_type]["schema"]), value, (name, status))
        return value

    @staticmethod
    def check_request(operation, name, status, body):
        if not isinstance(body, dict):
            return
        schema = resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        if status < 300:
            check(schema, body, (name, "request"))
        elif status == 422:
            assert not fits(schema, body), (name, "the service refused what the document allows", body)


def call_vendors(ops):
    open_id = ops.call("create_vendor", 201, body={"name": "利尔达"})["open_id"]
    ops.call("create_vendor", 409, body={"name": "again", "open_id": open_id})
    ops.call("create_vendor", 422, body={"name": ""})
    ops.call("list_vendors", 200, query="?limit=1")
    ops.call("list_vendors", 400, query="?limit=0")
    ops.call("get_vendor", 200, open_id)
    ops.call("get_vendor", 404, "FFFFFFFF")
    ops.call("change_vendor", 200, open_id, body={"name": "Lierda", "enabled": True})
    ops.call("change_vendor", 404, "FFFFFFFF", body={"name": "x"})
    ops.call("change_vendor", 422, open_id, body={"colour": "red"})
    return open_id


def call_products(ops, open_id):
    new = {"open_id": open_id, "name": "Meter", "auth_type": 1, "kind": "transparent"}
    product_id = ops.call("create_product", 201, body=new)["product_id"]
    spare = ops.call("create_product", 201, body={
        **new, "product_id": "AA30C505", "product_key": "DB6FACEF35BEBA0517712F0E4BE32936", "encrypted": True,
        "enabled": True, "version": "2.0", "key_lifetime_s": 60, "key_reading": None, "reveal_device_secret": False,
        "reauth": "until_activated", "accept_plaintext": False, "allow_hash": True, "require_type_1": True, "topic_names": "table",
        "model_violations": "keep", "registration_quota": 10, "registration_rate_per_minute": None})["product_id"]
    ops.call("create_product", 409, body={**new, "product_id": spare})
    ops.call("create_product", 422, body={"name": "x", "auth_type": 7})
    ops.call("list_products", 200, query=f"?open_id={open_id}&limit=1")
    ops.call("list_products", 400, query="?cursor=x")
    ops.call("get_product", 200, product_id)
    assert "product_key" in ops.call("get_product", 200, product_id, query="?reveal=true")
    ops.call("get_product", 400, product_id, query="?reveal=yes")
    ops.call("get_product", 404, "FFFFFFFF")
    ops.call("change_product", 200, spare, body={"key_reading": "text_product_key", "reveal_device_secret": None})
    ops.call("change_product", 404, "FFFFFFFF", body={})
    for wrong in ({"open_id": open_id}, {"key_lifetime_s": 316224001}, {"kind": "JSON"}, {"version": ""},
                  {"key_reading": "x"}, {"reauth": None}, {"name": "x" * 201}, {"product_key": "1"}, {"encrypted": 1},
                  {"model_violations": "drop"}, {"registration_quota": -1}, {"registration_rate_per_minute": 0},
                  {"self_registered": 1}):
        ops.call("change_product", 422, spare, body=wrong)
    ops.call("delete_product", 204, spare)
    ops.call("delete_product", 404, spare)
    return product_id


def call_devices(ops, product_id):
    name = f"{product_id}.Meter001"
    ops.call("create_device", 201, product_id, body={"node_eui": "Meter001"})
    ops.call("create_device", 201, product_id, body={"node_eui": "Meter002", "device_secret": "a" * 32})
    ops.call("create_device", 404, "FFFFFFFF", body={"node_eui": "Meter001"})
    ops.call("create_device", 409, product_id, body={"node_eui": "Meter001"})
    ops.call("create_device", 422, product_id, body={"node_eui": "a-b"})
    ops.call("list_devices", 200, product_id, query="?state=unactivated&limit=1")
    ops.call("list_devices", 400, product_id, query="?state=lost")
    ops.call("list_devices", 404, "FFFFFFFF")
    for operation in ("get_device", "enable_device", "disable_device", "reset_device"):
        ops.call(operation, 200, name)
        ops.call(operation, 404, f"{product_id}.nobody")
    assert "password" in ops.call("get_device", 200, name, query="?reveal=true")
    ops.call("get_device", 400, name, query="?reveal=yes")
    for operation in ("kick_device", "unlock_device"):
        ops.call(operation, 200, name)
        ops.call(operation, 404, "FFFFFFFF.nobody")
    csv = {"content_type": "text/csv"}
    ops.call("import_devices", 200, body=f"product_id,node_eui\n{product_id},Meter003\n{product_id},no\n", **csv)
    ops.call("import_devices", 400, body="product_id,node_eui\n", query="?x=1", **csv)
    ops.call("import_devices", 422, body="no header\n", **csv)
    text = ops.call("export_devices", 200, query=f"?product_id={product_id}")
    assert text.count("\n") == 4, text
    ops.call("export_devices", 400)
    ops.call("export_devices", 404, query="?product_id=FFFFFFFF")
    ops.call("delete_product", 409, product_id)
    ops.call("delete_device", 204, name)
    ops.call("delete_device", 404, name)


def call_model(ops, stand):
    """A product's thing model, and what a device reported by it."""
    product = stand.product(kind="json")
    ops.call("get_model", 404, product.product_id)
    assert ops.call("put_model", 200, product.product_id, body=METER, query="?check=true")["version"] is None
    assert ops.call("put_model", 201, product.product_id, body=METER)["version"] == 1
    ops.call("put_model", 404, "FFFFFFFF", body=METER)
    ops.call("put_model", 422, product.product_id, body={"properties": 5})
    ops.call("put_model", 422, product.product_id, body={"colour": 5})
    assert ops.call("put_model", 201, product.product_id, body={"properties": []})["breaking"]
    ops.call("put_model", 201, product.product_id, body=METER)
    ops.call("get_model", 200, product.product_id, query="?version=1")
    ops.call("get_model", 400, product.product_id, query="?version=0")
    ops.call("get_model", 304, product.product_id, headers={"If-None-Match": "*"})

    device = stand.device(product)
    client = device.login(subscribe=["model/property/report_ack", "model/event/overheat/report_ack"])
    device.send(client, "model/property/report", {"temp": 20, "power": 1})
    device.send(client, "model/event/overheat/report", {"temp": 120})
    for operation, more in (("list_properties", ()), ("list_events", ()), ("list_history", ("temp",))):
        assert ops.call(operation, 200, device.name, *more, query="?limit=1")["items"], operation
        ops.call(operation, 404, f"{product.product_id}.nobody", *more)
        ops.call(operation, 400, device.name, *more, query="?limit=0")


def call_script(ops, stand):
    product = stand.product(kind="hex").product_id
    script = {"content_type": "text/javascript"}
    ops.call("get_script", 404, product)
    ops.call("test_script", 404, product, body={"hex": "00"})
    ops.call("put_script", 201, product, body=DEMO, **script)
    ops.call("put_script", 200, product, body=DEMO, **script)
    ops.call("put_script", 404, "FFFFFFFF", body=DEMO, **script)
    ops.call("put_script", 409, stand.product(kind="json").product_id, body=DEMO, **script)
    ops.call("put_script", 422, product, body="function {", **script)
    ops.call("get_script", 200, product, query="?version=1")
    ops.call("get_script", 400, product, query="?version=0")
    ops.call("get_script", 304, product, headers={"If-None-Match": "*"})
    assert ops.call("test_script", 200, product, body={"hex": "0407"})["json"]
    assert ops.call("test_script", 200, product, body={"json": {"method": "x"}, "source": DEMO})["error"]
    for wrong in ({}, {"hex": "0"}, {"hex": "00", "json": {}}, {"json": []}, {"hex": "00", "source": ""}):
        ops.call("test_script", 422, product, body=wrong)


def call_history(ops, stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack", "firmware_report_ack"])
    device.send(client, "uplink", {"temp": 21.5, "list": [None, True, "设备"]}, "text id")
    device.send(client, "firmware_report", {"HardVer": "H1", "SoftVer": "S1", "Type": 2})
    device.send_raw(client, "uplink", '{"MessageId":9,"HeaderCtrl":5,"Payload":"","Version":"2.0"}', 9)
    page = ops.call("list_device_messages", 200, device.name)
    found = page["items"]
    assert len(found) == 3 and found[0]["reason"], found
    ops.call("list_device_messages", 200, device.name, query=f"?after={page['position']}&limit=1")
    ops.call("list_device_messages", 200, device.name, query="?after=earliest&limit=1")
    ops.call("list_device_messages", 410, device.name, query="?after=1.999999999.0")
    ops.call("list_refusals", 410, query="?after=1.999999999.0")
    ops.call("list_device_messages", 400, device.name, query="?after=x")
    ops.call("list_device_messages", 404, "FFFFFFFF.nobody")
    for operation, path in (("list_messages", ()), ("list_product_messages", (device.product.product_id,))):
        page = ops.call(operation, 200, *path, query="?topic=%23&verdict=accepted&since=2026-01-01T00:00:00Z&limit=1")
        assert page["items"], operation
        ops.call(operation, 410, *path, query="?after=1.999999999.0")
        ops.call(operation, 400, *path, query="?verdict=good")
    ops.call("list_product_messages", 404, "FFFFFFFF")
    shown = ops.call("get_device", 200, device.name)
    assert shown["state"] == "online" and shown["firmware"], shown
    raw = RawClient(stand.broker.port)
    client_id, username, _ = device.v2_credentials()
    assert raw.login(client_id, username, "0" * 96) != 0
    raw.close()
    stand.refused("V2-2", node_eui=device.node_eui)
    assert ops.call("list_refusals", 200, query=f"?node_eui={device.node_eui}")["items"]
    ops.call("list_refusals", 400, query="?colour=red")


def call_upgrades(ops, product_id):
    new = {"product_id": product_id, "version": "v2"}
    name = f"{product_id}.Meter002"
    job = str(ops.call("start_upgrade", 201, body={**new, "devices": [name], "percent": 50, "time_limit_s": 1,
                                                   "module": "default"})["job_id"])
    ops.call("start_upgrade", 404, body={**new, "version": "v9", "all": True})
    ops.call("start_upgrade", 409, body={**new, "devices": [name]})
    for wrong in (new, {**new, "all": True, "devices": [name]}, {**new, "all": True, "percent": 0}, {"all": True},
                  {**new, "devices": []}, {**new, "all": True, "time_limit_s": 0}):
        ops.call("start_upgrade", 422, body=wrong)
    ops.call("list_upgrades", 200, query=f"?product_id={product_id}&limit=1")
    ops.call("list_upgrades", 400, query="?cursor=x")
    ops.call("list_device_upgrades", 200, name, query="?limit=1")
    ops.call("list_device_upgrades", 400, f"{product_id}.Meter001", query="?cursor=x")
    ops.call("list_device_upgrades", 404, f"{product_id}.nobody")
    ops.call("get_upgrade", 200, job)
    ops.call("list_upgrade_devices", 200, job, query="?limit=1")
    ops.call("list_upgrade_devices", 400, job, query="?state=lost")
    ops.call("advance_upgrade", 200, job, body={"count": 1})
    ops.call("advance_upgrade", 422, job, body={})
    wait_until(lambda: ops.call("get_upgrade", 200, job)["state"] == "done", "the time limit")
    ops.call("cancel_upgrade", 409, job)  # done stays done
    ops.call("retry_upgrade", 422, job, body={"devices": ["x"]})
    ops.call("retry_upgrade", 200, job, body={"devices": [name]})
    ops.call("retry_upgrade", 409, job, body={})
    ops.call("cancel_upgrade", 200, job)
    ops.call("advance_upgrade", 409, job, body={"percent": 100})
    for operation, body in (("get_upgrade", None), ("list_upgrade_devices", None), ("cancel_upgrade", None),
                            ("advance_upgrade", {"count": 1}), ("retry_upgrade", {})):
        ops.call(operation, 404, "999999", body=body)
    ops.call("start_upgrade", 201, body={**new, "all": True})


def call_firmware(ops, product_id):
    file = {"content_type": "application/octet-stream"}
    image = ops.call("add_firmware", 201, product_id, query="?version=v2&name=meter-2.bin", body=b"firmware", **file)
    assert (image["size"], image["module"]) == (8, "default"), image
    ops.call("add_firmware", 409, product_id, query="?version=v2", body=b"other", **file)
    ops.call("add_firmware", 404, "FFFFFFFF", query="?version=v2", body=b"x", **file)
    ops.call("list_firmware", 200, product_id, query="?limit=1")
    ops.call("list_firmware", 400, product_id, query="?cursor=x")
    ops.call("list_firmware", 404, "FFFFFFFF")
    call_upgrades(ops, product_id)
    ops.call("delete_firmware", 409, str(image["image_id"]))
    ops.call("cancel_upgrade", 200, str(ops.call("list_upgrades", 200)["items"][0]["job_id"]))
    ops.call("delete_firmware", 204, str(image["image_id"]))
    ops.call("delete_firmware", 404, str(image["image_id"]))


def call_commands(ops, stand):
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["+", "model/property/set", "model/service/+"])
    queued = ops.call("create_command", 201, device.name, body={"kind": "down", "data": [1, "设备"], "ttl_s": 60})
    body = json.loads(client.next(device.topic("downlink")).payload)
    ack = {"Code": "200", "Msg": "SUCCESS", "Data": {"list": [None, 1.5]}}
    client.publish(device.topic("downlink_ack"), frame(7, ack, body["MessageId"]))
    done = ops.call("get_command", 200, str(queued["command_id"]), query="?wait=30")
    assert done["state"] == "done" and done["result"] == ack["Data"], done
    for members in ({"kind": "set", "params": {"temp": 1}}, {"kind": "ask", "params": ["temp"]},
                    {"kind": "call", "service": "switch"}, {"kind": "call", "service": "switch", "params": {"on": 1}},
                    {"kind": "config_set", "settings": {"Port": 1}}, {"kind": "config_get"},
                    {"kind": "firmware_ask", "encrypt": False}):
        key = json.dumps(members, separators=(",", ":"))
        last = ops.call("create_command", 201, device.name, body=members, headers={"Idempotency-Key": key})
        ops.call("create_command", 200, device.name, body=members, headers={"Idempotency-Key": key})
    for wrong in ({}, {"kind": "reboot"}, {"kind": "down"}, {"kind": "set", "params": {}}, {"kind": "ask", "params": []},
                  {"kind": "call", "service": "a b"}, {"kind": "config_get", "data": 1}, {"kind": "down", "data": 1, "ttl_s": 0},
                  {"kind": "down", "data": 1, "encrypt": "yes"}):
        ops.call("create_command", 422, device.name, body=wrong)
    ops.call("create_command", 400, device.name, body={"kind": "config_get"}, query="?wait=61")
    ops.call("create_command", 404, "FFFFFFFF.nobody", body={"kind": "config_get"})
    ops.call("list_commands", 200, device.name, query="?state=done&limit=1")
    ops.call("list_commands", 400, device.name, query="?state=lost")
    ops.call("list_commands", 404, "FFFFFFFF.nobody")
    ops.call("list_commands", 400, device.name, query="?open=yes")
    disabled = stand.device(device.product)
    stand.act(disabled, "disable")
    ops.call("create_command", 409, disabled.name, body={"kind": "config_get"})
    stand.act(disabled, "enable")
    ops.call("list_product_commands", 200, device.product.product_id, query="?open=true&limit=1")
    ops.call("list_product_commands", 400, device.product.product_id)
    ops.call("list_product_commands", 404, "FFFFFFFF", query="?open=true")
    ops.call("get_command", 400, str(last["command_id"]), query="?wait=x")
    ops.call("cancel_command", 200, str(last["command_id"]))
    ops.call("cancel_command", 409, str(last["command_id"]))
    for operation in ("get_command", "cancel_command"):
        ops.call(operation, 404, "999999999")
    ops.call("get_config", 404, device.name)
    client.publish(device.topic("config_report"), frame(14, {"Settings": {"Port": 7200}}, 5))
    wait_until(lambda: stand.database.sql("SELECT 1 FROM device_config"), "the settings stored")
    ops.call("get_config", 200, device.name)
    stand.database.sql("INSERT INTO command (device_id, product_id, kind, topic, header_ctrl, payload, message_id, expires_at) "
                       "SELECT device_id, product_id, 'down', 'downlink', 7, '{}', n, now() + interval '1 hour' "
                       "FROM (SELECT * FROM device ORDER BY device_id DESC LIMIT 1) last, generate_series(1, 1000) n")
    last_device = stand.database.sql("SELECT product_id || '.' || node_eui FROM device ORDER BY device_id DESC LIMIT 1")
    ops.call("create_command", 409, last_device[0][0], body={"kind": "config_get"})


def call_tokens(ops, open_id, product_id):
    made = ops.call("create_token", 201, body={"name": "bench", "role": "operate"})
    ops.call("create_token", 201, body={"name": "a vendor's", "role": "read", "open_id": open_id, "product_id": None,
                                        "expires_at": "2126-01-01T00:00:00Z"})
    for wrong in ({"name": "", "role": "read"}, {"name": "x"}, {"name": "x", "role": "root"}, {"name": "x", "role": "read", "open_id": "x"}):
        ops.call("create_token", 422, body=wrong)
    first = ops.call("list_tokens", 200, query="?limit=1")["items"][0]["token_id"]
    ops.call("list_tokens", 400, query="?cursor=x")
    ops.call("revoke_token", 200, str(made["token_id"]))
    ops.call("revoke_token", 409, str(first))
    ops.call("revoke_token", 400, str(first), query="?force=yes")
    ops.call("revoke_token", 404, "999999")


def call_audit(ops):
    assert ops.call("list_audit", 200, query="?limit=1000")["items"]
    ops.call("list_audit", 400, query="?token_id=x")


def call_roles(ops, open_id, product_id):
    """What a token that may only read is refused, and, where a secret is asked for, a role below admin."""
    read = ops.call("create_token", 201, body={"name": "read", "role": "read"})["token"]
    values = {"{open_id}": open_id, "{product_id}": product_id, "{device}": f"{product_id}.Meter002"}
    for name, (method, path, operation) in ops.all.items():
        if "403" not in operation["responses"]:
            continue
        given = [values.get(part, "999999") for part in re.findall(r"\{\w+\}", path)]
        reveals = {"export_devices": f"?product_id={product_id}&reveal=true"}.get(name, "?reveal=true")
        ops.call(name, 403, *given, token=read, query=reveals if operation["security"] == [{"token": ["read"]}] else "")


def call_common(ops, open_id, product_id):
    """What every operation of a kind answers alike."""
    values = {"{open_id}": open_id, "{product_id}": product_id, "{device}": f"{product_id}.Meter002",
              "{image_id}": "999999", "{job_id}": "999999", "{identifier}": "temp", "{command_id}": "999999",
              "{token_id}": "999999"}
    for name, (_, path, operation) in ops.all.items():
        given = [values[part] for part in re.findall(r"\{\w+\}", path)]
        if operation.get("security") != []:
            ops.call(name, 401, *given, token="wrong")
            # what is asked of all alike before their own answer: too many wrong tokens, and a database that is away
            assert {"429", "503"} <= set(operation["responses"]), f"{name}: {sorted(operation['responses'])}"
        if "requestBody" not in operation:
            continue
        kind = next(iter(operation["requestBody"]["content"]))
        most = {"text/csv": 64, "application/octet-stream": 512}.get(kind, 1) << 20
        ops.call(name, 415, *given, body="x", content_type="text/plain")
        ops.call(name, 413, *given, headers={"Content-Type": kind, "Content-Length": str(most + 1)})
        if kind not in ("text/csv", "text/javascript"):
            ops.call(name, 400, *given, body="{", content_type=kind)
    for name in ("live", "ready", "metrics"):
        ops.call(name, 200, token=None)


def call_idempotency(ops, stand, product_id):
    """Every POST takes an Idempotency-Key: refuses what is none, one of another request, and one whose request is being done."""
    device = stand.device().name
    ops.call("create_vendor", 201, body={"name": "first"}, headers={"Idempotency-Key": "used"})
    ops.call("create_command", 201, device, body={"kind": "config_get"}, headers={"Idempotency-Key": "used"})
    values = {"{product_id}": product_id, "{device}": device}
    bodies = {"application/json": {"kind": "firmware_ask"}, "text/csv": "x", "application/octet-stream": b"x"}
    locker = subprocess.Popen(["psql", "-X", "-q", stand.database.admin_conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    locker.stdin.write(f"SELECT pg_advisory_lock(hashtextextended('xgate idempotency ' || sha256('{stand.service.token}')::text "
                       "|| ' running', 0));\n\\echo locked\n")
    locker.stdin.flush()
    assert "locked\n" in iter(locker.stdout.readline, "")
    for name, (method, path, operation) in ops.all.items():
        if method != "POST":
            continue
        parameters = [resolved(one) for one in operation.get("parameters", [])]
        assert [one for one in parameters if one["name"] == "Idempotency-Key"], f"{name} has no Idempotency-Key"
        given = [values.get(part, "1") for part in re.findall(r"\{\w+\}", path)]
        kind = next(iter(operation["requestBody"]["content"])) if "requestBody" in operation else "application/json"
        request = {"body": bodies[kind] if "requestBody" in operation else None, "content_type": kind,
                   "query": "?version=v7" if name == "add_firmware" else ""}
        for bad in ("", "a b", "é", "x" * 256):
            ops.call(name, 400, *given, **request, headers={"Idempotency-Key": bad.encode()})
        # what else is wrong with it is not looked at
        problem = ops.call(name, 422, *given, **request, headers={"Idempotency-Key": "used"})
        assert "Idempotency-Key was used for another" in problem["detail"], (name, problem)
        if name == "create_command":  # waits for the other one
            continue
        problem = ops.call(name, 409, *given, **request, headers={"Idempotency-Key": "running"})
        assert problem["type"] == "urn:xgate:problem:in-progress", (name, problem)
    locker.stdin.close()
    locker.wait(30)


def openapi_matches_answers(stand):
    ops = Operations(stand.service)
    routes = set(re.findall(r'Route\{"(\w+)",\s*"([^"]+)",\s*OPERATION\((\w+)\)', ROUTES))
    documented = {(method, path, name) for name, (method, path, _) in ops.all.items()}
    assert len(routes) > 20 and routes == documented, routes ^ documented

    named = set(re.findall(r'problem\(\d+, "([a-z-]+)"|(?<=\.type = )"([a-z-]+)"', re.sub(r"problem\(\s*", "problem(", SOURCES)))
    types = {f"urn:xgate:problem:{one or other}" for one, other in named}
    assert types == set(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]), types

    open_id = call_vendors(ops)
    product_id = call_products(ops, open_id)
    call_devices(ops, product_id)
    call_model(ops, stand)
    call_script(ops, stand)
    call_history(ops, stand)
    call_firmware(ops, product_id)
    call_commands(ops, stand)
    call_tokens(ops, open_id, product_id)
    call_audit(ops)
    call_roles(ops, open_id, product_id)
    call_common(ops, open_id, product_id)
    call_idempotency(ops, stand, product_id)

    wanted = {(name, status) for name, (_, _, operation) in ops.all.items()
              for status in operation["responses"] if status not in NOT_CALLED_FOR} - NOT_CALLED
    assert ops.called >= wanted, f"documented, but not called for: {sorted(wanted - ops.called)}"


run(openapi_matches_answers, settings="[http]\nlongest_backoff_s = 0\n")
