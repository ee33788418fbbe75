#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ProductKeys, DeviceSecrets and the passwords made of them stand in no answer of the API, but where a token of role admin
asks for them with reveal=true; others are refused then. The command line says that it hides them, and shows them by
--reveal."""
import json

from stand import run

KEY, SECRET = "DB6FACEF35BEBA0517712F0E4BE32936", "326086233FAB8A96566796551EB1DFF8"


def api_secrets_are_shown_on_demand(stand):
    service = stand.service
    stand.keep_secret(KEY, "ProductKey")
    stand.keep_secret(SECRET, "DeviceSecret")
    o = stand.vendor()
    new_product = {"open_id": o, "name": "Meter", "auth_type": 2, "kind": "transparent", "product_key": KEY}
    service.api("POST", "/products", {**new_product, "product_id": "AA30C505"})
    device = "/devices/AA30C505.20MQTTJ000121"
    service.api("POST", "/products/AA30C505/devices", {"node_eui": "20MQTTJ000121", "device_secret": SECRET})
    password = service.api("GET", f"{device}?reveal=true")["password"]
    assert len(password) == 128
    stand.keep_secret(password, "MQTT password")

    rows = [("POST", "/products", {**new_product, "product_id": "AA30C50{n}"}, [KEY]),
            ("GET", "/products/AA30C505", None, [KEY]),
            ("PATCH", "/products/AA30C505", {"name": "Renamed"}, [KEY]),
            ("POST", "/products/AA30C505/devices", {"node_eui": "Other00{n}", "device_secret": SECRET}, [SECRET]),
            ("GET", device, None, [SECRET, password]),
            ("GET", "/devices/export?product_id=AA30C505", None, [KEY, SECRET, password])]
    tokens = {role: service.api("POST", "/tokens", {"name": role, "role": role})["token"] for role in ("read", "operate")}
    for number, (method, path, body, secrets) in enumerate(rows):
        def ask(query, n, token="", method=method, path=path, body=body):
            sent = json.loads(json.dumps(body).replace("{n}", str(n))) if body else None
            return service.request(method, "/api/v1" + path + ("&" if "?" in path else "?") + query, sent, token=token)

        for n, query in ((1, "reveal=false"), (2, "")):
            text = ask(query, n).body.decode()
            assert len(text) > 40 and not [one for one in (KEY, SECRET, password) if one in text], (method, path, text)
        answer = ask("reveal=true", 3)
        assert answer.status in (200, 201) and all(one in answer.body.decode() for one in secrets), (method, path, answer)
        assert ask("reveal=yes", 4).status == 400, path
        for role, token in tokens.items():
            refused = ask("reveal=true", 5, token=token)
            assert refused.status == 403, (path, role, refused)
            if method == "GET":
                assert refused.json["detail"] == f"secrets are shown to a token of role admin, and this one is of role {role}", refused
        if method == "GET":
            assert KEY not in ask("", 6, token=tokens["read"]).body.decode()
    for path in ("/products", "/products/AA30C505/devices", "/messages", "/audit?limit=1000"):
        text = service.request("GET", "/api/v1" + path).body.decode()
        assert not [one for one in (KEY, SECRET, password) if one in text], (path, text)
    for verb in ("enable", "disable", "reset"):
        text = service.request("POST", f"/api/v1{device}/{verb}").body.decode()
        assert SECRET not in text and password not in text, text

    hidden, name = "hidden; --reveal shows it", "AA30C505.20MQTTJ000121"
    for command, secrets in ((("device", "show", name), (SECRET, password)), (("product", "show", "AA30C505"), (KEY,)),
                             (("product", "set", "AA30C505", "--name", "x"), (KEY,))):
        said = stand.xgate(*command).stdout
        assert said.count(hidden) == len(secrets) and not any(one in said for one in secrets), said
        shown = stand.xgate(*command, "--reveal").stdout
        assert all(one in shown for one in secrets) and hidden not in shown, shown
    made = stand.xgate("device", "add", "AA30C505.New00001").stdout
    assert made.count(hidden) == 2, made
    made = stand.xgate("device", "add", "AA30C505.New00002", "--reveal").stdout
    assert hidden not in made and "device_secret" in made, made
    assert SECRET not in stand.xgate("device", "export", "--product", "AA30C505").stdout
    assert SECRET in stand.xgate("device", "export", "--product", "AA30C505", "--reveal").stdout
    read = stand.folder / "read.token"
    read.write_text(tokens["read"], encoding="utf-8")
    refused = stand.xgate("--token-file", str(read), "device", "show", name, "--reveal", ok=False)
    assert refused.returncode == 1 and "secrets are shown to a token of role admin" in refused.stderr, refused
    refused = stand.xgate("--token-file", str(read), "simulate", name, ok=False)
    assert refused.returncode == 1 and "; give --product-key-file, or a token of role admin" in refused.stderr, refused


run(api_secrets_are_shown_on_demand)
