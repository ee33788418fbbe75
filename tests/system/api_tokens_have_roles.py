#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token's role says what it may do: read looks on, operate also does what is done with devices, admin everything. Every
operation is refused to the roles below the one that docs/openapi.yaml asks for, with a sentence that names it, and to no
other. The first token of a platform is an admin's, and so are those from before there were roles."""
import re

import yaml

from stand import builds, run

ROLES = ["read", "operate", "admin"]
DOCUMENT = yaml.safe_load((builds.SOURCE / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
ROUTES = (builds.SOURCE / "service" / "api" / "routes.cpp").read_text(encoding="utf-8")


def operations():
    """(name, method, path, the least role)"""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method != "parameters" and operation.get("security") != []:
                yield operation["operationId"], method.upper(), path, operation["security"][0]["token"][0]


def api_tokens_have_roles(stand):
    service = stand.service
    in_code = set(re.findall(r'Route\{"(\w+)",\s+"([^"]+)",\s+OPERATION\((\w+)\),\s+Access::(read|operate|admin),', ROUTES))
    documented = {(method, path, name, role) for name, method, path, role in operations()}
    assert len(documented) > 40 and in_code == documented, in_code ^ documented

    product = stand.product(auth_type=2)
    device = stand.device(product)
    tokens = {role: service.api("POST", "/tokens", {"name": role, "role": role})["token"] for role in ROLES}
    values = {"{open_id}": product.open_id, "{product_id}": product.product_id, "{device}": f"{product.product_id}.nobody",
              "{image_id}": "999999", "{job_id}": "999999", "{identifier}": "temp", "{command_id}": "999999",
              "{token_id}": "999999"}
    for name, method, path, least in operations():
        path = re.sub(r"\{\w+\}", lambda part: values[part[0]], path)
        for role in ROLES:
            # a body of another type: nothing is done where the role would do
            answer = service.request(method, path, "x" if method in ("POST", "PUT", "PATCH") else None, token=tokens[role],
                                     content_type="text/plain") if method != "DELETE" or role != "admin" else None
            if answer is None:
                continue
            refused = ROLES.index(role) < ROLES.index(least)
            assert (answer.status == 403) == refused, (name, role, answer)
            if refused:
                assert answer.json["type"] == "urn:xgate:problem:forbidden", answer
                assert answer.json["detail"] == f"this needs a token of role {least}, and this one is of role {role}", answer

    operate = stand.folder / "operate.token"
    operate.write_text(tokens["operate"], encoding="utf-8")
    stand.xgate("--token-file", str(operate), "device", "disable", device.name)
    assert device.shown()["state"] == "disabled"
    refused = stand.xgate("--token-file", str(operate), "device", "delete", device.name, ok=False)
    assert refused.returncode == 1 and "this needs a token of role admin" in refused.stderr, refused

    listed = {token["name"]: token for token in service.api("GET", "/tokens")["items"]}
    assert (listed["first"]["role"], listed["first"]["expires_at"]) == ("admin", None), listed["first"]
    assert all(listed[role]["role"] == role for role in ROLES)
    table = stand.xgate("token", "list").stdout
    assert all(re.search(rf"\b{role}\s+{role}\b", table) for role in ROLES), table


run(api_tokens_have_roles)
