#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token that was revoked, or has expired, is refused by the very next request, at every service of the database though
it was just used there. Who presents an expired one is told so; who does not have it learns nothing."""
import datetime

from stand import run
from stand.waiting import wait_until


def api_tokens_end_at_once(stand):
    service = stand.service
    other = stand.another_service("other")
    other.start(wait_ready=False)
    other.process.wait_ready(other.lives, "the other service answers", 30)

    def asked(token, where):
        return where.request("GET", "/api/v1/vendors", token=token)

    wait_until(lambda: asked(service.token, other).status == 200, "the other service to have the database")

    made = service.api("POST", "/tokens", {"name": "both", "role": "read"})
    stand.keep_secret(made["token"], "an API token")
    for where in (service, other) * 2:
        assert asked(made["token"], where).status == 200
    service.api("POST", f"/tokens/{made['token_id']}/revoke")
    for where in (other, service):
        answer = asked(made["token"], where)
        assert (answer.status, answer.json["detail"]) == (401, "this token is not valid"), answer

    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
    made = service.api("POST", "/tokens", {"name": "an hour", "role": "read", "expires_at": soon})
    assert asked(made["token"], service).status == asked(made["token"], other).status == 200
    stand.database.sql(f"UPDATE api_token SET expires_at = now() WHERE token_id = {made['token_id']}")
    for where in (other, service):
        answer = asked(made["token"], where)
        assert answer.status == 401 and answer.json["detail"].startswith("this token expired at 20"), answer
        guess = asked(made["token"][:-1] + "x", where)
        assert (guess.status, guess.json["detail"]) == (401, "this token is not valid"), guess
    for _attempt in range(20):  # no guess: it makes nobody wait
        assert asked(made["token"], service).status == 401
    assert asked(service.token, service).status == 200

    for wrong in ("2020-01-01T00:00:00Z", "tomorrow", 5):
        refused = service.request("POST", "/api/v1/tokens", {"name": "x", "role": "read", "expires_at": wrong})
        assert refused.status == 422 and refused.json["errors"][0]["pointer"] == "/expires_at", refused
    file = stand.folder / "days.token"
    file.write_text(stand.xgate("token", "add", "days", "--role", "read", "--expires", "30d").stdout, encoding="utf-8")
    assert stand.xgate("--token-file", str(file), "vendor", "list").returncode == 0
    ends = [token["expires_at"] for token in service.api("GET", "/tokens")["items"] if token["name"] == "days"][0]
    left = datetime.datetime.fromisoformat(ends.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
    assert 29.9 < left.total_seconds() / 86400 <= 30, ends
    # the only admin's that is left has expired: the next start makes a new first one
    stand.database.sql("UPDATE api_token SET expires_at = now() WHERE role = 'admin'")
    assert asked(service.token, service).status == 401
    other.stop()  # it would take the broker meanwhile
    service.restart()
    assert asked(service.token, service).status == 200


run(api_tokens_end_at_once)
