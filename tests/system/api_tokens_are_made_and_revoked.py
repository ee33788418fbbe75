#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens are made and revoked by API and command line: a new one works at once, is shown once and stored nowhere, a
revoked one is refused at once and after a restart, the last one cannot be revoked, nor the one in use unless by force, and
it is seen when one was used."""
from stand import run
from stand.waiting import wait_until


def api_tokens_are_made_and_revoked(stand):
    service = stand.service
    made = service.api("POST", "/tokens", {"name": "bench", "role": "read"})
    file = stand.folder / "line.token"
    file.write_text(stand.xgate("token", "add", "line 2", "--role", "admin").stdout, encoding="utf-8")
    file.chmod(0o600)
    line = file.read_text(encoding="utf-8").strip()

    def asked(token):
        return service.request("GET", "/api/v1/vendors", token=token).status

    def listed():
        return {token["name"]: token for token in service.api("GET", "/tokens")["items"]}

    assert listed()["bench"]["last_used_at"] is None
    assert asked(made["token"]) == asked(line) == 200
    assert "line 2" in stand.xgate("--token-file", str(file), "token", "list").stdout
    tokens = listed()
    assert [name for name, token in tokens.items() if token["last_used_at"]] == ["first", "bench", "line 2"], tokens
    everything = service.request("GET", "/api/v1/tokens").body.decode() + stand.xgate("token", "list").stdout
    assert "token" not in tokens["bench"] and made["token"] not in everything and line not in everything
    stored = str(stand.database.sql("SELECT * FROM api_token"))
    assert made["token"] not in stored and line not in stored

    revoked = service.api("POST", f"/tokens/{made['token_id']}/revoke")
    assert revoked["revoked_at"], revoked
    assert asked(made["token"]) == 401, "at once, though it was just used"
    assert asked(line) == 200
    assert service.api("POST", f"/tokens/{made['token_id']}/revoke") == revoked, "a second time changes nothing"
    said = stand.xgate("token", "revoke", str(tokens["line 2"]["token_id"])).stdout
    assert "line 2" in said and asked(line) == 401, said
    refused = stand.xgate("token", "revoke", str(tokens["first"]["token_id"]), ok=False)
    assert refused.returncode == 1 and "the last valid admin's of the whole platform" in refused.stderr, refused
    own = service.api("POST", "/tokens", {"name": "own", "role": "admin"})
    for force in ("", "?force=false"):
        refused = service.request("POST", f"/api/v1/tokens/{own['token_id']}/revoke{force}", token=own["token"])
        assert refused.status == 409 and "is the one in use here" in refused.json["detail"], refused
    assert service.request("POST", f"/api/v1/tokens/{own['token_id']}/revoke?force=5", token=own["token"]).status == 400
    assert asked(own["token"]) == 200
    file.write_text(own["token"], encoding="utf-8")
    by_cli = ("--token-file", str(file), "token", "revoke", str(own["token_id"]))
    refused = stand.xgate(*by_cli, ok=False)
    assert refused.returncode == 1 and "--force" in refused.stderr and len(refused.stderr.splitlines()) == 1, refused
    assert "own" in stand.xgate(*by_cli, "--force").stdout and asked(own["token"]) == 401
    refused = service.request("POST", f"/api/v1/tokens/{tokens['first']['token_id']}/revoke?force=true")
    assert refused.status == 409 and "the last valid admin's of the whole platform" in refused.json["detail"], "not even by force"
    refused = stand.xgate("--token-file", str(file), "token", "list", ok=False)
    assert refused.returncode == 1 and "this token is not valid" in refused.stderr, refused
    service.restart()
    assert (asked(service.token), asked(line), asked(made["token"]), asked(own["token"])) == (200, 401, 401, 401)
    kept = service.token_file.rename(stand.folder / "kept.token")
    service.restart()
    wait_until(lambda: f'"{service.token_file}" is not there: use one of them' in service.log_path.read_text(encoding="utf-8"),
               "the missing token file to be told")
    kept.rename(service.token_file)


run(api_tokens_are_made_and_revoked)
