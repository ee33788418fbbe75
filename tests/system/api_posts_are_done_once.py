#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""POSTs with an Idempotency-Key: what was done and whose answer got lost is answered as it was then when it is sent again,
and done once; another request under the key is refused; a token, or what reveal=true shows, is told once; `xgate` sends again by itself."""
import concurrent.futures

from stand import run


class Posts:
    """A request of /api/v1, sent under the key that it is named by."""

    def __init__(self, stand):
        self.stand = stand

    def send(self, key, path, body=None, expect=None, **options):
        answer = self.stand.service.request("POST", "/api/v1" + path, body, headers={"Idempotency-Key": key}, **options)
        assert expect in (None, answer.status), (key, path, answer)
        return answer

    def lose(self, key, path, body=None, **options):
        """Nobody says whether it was done: PostgreSQL's answer to COMMIT gets lost. It is, and a repeat is told so."""
        self.stand.proxy.lose_next_commit_answer("xgate-api")
        lost = self.send(key, path, body, 503, **options)
        assert self.stand.proxy.lost.is_set()
        assert lost.json["type"] == "urn:xgate:problem:outcome-unknown", lost
        assert "try again with the same Idempotency-Key" in lost.json["detail"] and "Retry-After" in lost.headers, lost
        again = self.send(key, path, body, **options)
        assert again.status // 100 == 2 and again.headers["Idempotent-Replayed"] == "true", again
        assert (self.send(key, path, body, **options).body, again.status) == (again.body, again.status)
        return again


def lost_answers(stand, posts):
    def rows(table):
        return int(stand.database.sql(f"SELECT count(*) FROM {table}")[0][0])

    product = stand.product()
    devices = f"/products/{product.product_id}/devices?reveal=true"
    new = {"node_eui": "Once0001"}
    made = posts.lose("device", devices, new)
    assert made.status == 201 and rows("device") == 1
    assert made.headers["Location"] == f"/api/v1/devices/{product.product_id}.Once0001"
    assert made.json["device_secret"] is made.json["password"] is None, made
    secrets = [stand.service.api("GET", f"/devices/{product.product_id}.Once0001?reveal=true")["device_secret"]]
    posts.send("another-key", devices, new, 409)

    count = rows("product")
    made = posts.lose("product", "/products?reveal=true", {"open_id": product.open_id, "name": "Twice asked", "auth_type": 1, "kind": "json"})
    assert rows("product") == count + 1 and made.json["product_key"] is None
    secrets.append(stand.service.api("GET", f"/products/{made.json['product_id']}?reveal=true")["product_key"])
    assert stand.service.api("GET", f"/products/{made.json['product_id']}")["name"] == "Twice asked"

    lines = "product_id,node_eui\n" + "".join(f"{product.product_id},Line{n:04}\n" for n in range(3)) + "x,y\n"
    result = posts.lose("import", "/devices/import", lines, content_type="text/csv").json
    assert (result["imported"], result["rejected"]) == (3, 1), result
    assert rows("device") == 4

    path = f"/products/{product.product_id}/firmware?version=v1"
    file = {"content_type": "application/octet-stream"}
    image = posts.lose("firmware", path, b"firmware" * 100_000, **file)
    assert image.status == 201 and rows("firmware_image") == 1
    posts.send("firmware", path, b"other firmware", 422, **file)
    posts.send("another-firmware", path, b"other firmware", 409, **file)

    token = posts.lose("token", "/tokens", {"name": "lost", "role": "read"}).json
    assert token["token"] is None and token["name"] == "lost", token
    assert not stand.database.sql("SELECT 1 FROM idempotency_key WHERE body LIKE '%xgate_%'")
    kept = str(stand.database.sql("SELECT body FROM idempotency_key"))
    assert "Once0001" in kept and not any(secret in kept for secret in secrets), "no secret is kept for a repeat"
    told = stand.database.sql("SELECT operation FROM audit WHERE revealed ORDER BY audit_id")
    assert told[1:] == [[name] for name in ("create_device", "get_device", "create_product", "get_product")], told


def other_requests(stand, posts):
    """Under a key that was used; what was refused has used none."""
    product = stand.product()
    devices = f"/products/{product.product_id}/devices?reveal=true"
    posts.send("wrong-first", devices, {"node_eui": "a-b"}, 422)
    first = posts.send("wrong-first", devices, {"node_eui": "Right001"}, 201)
    assert "Idempotent-Replayed" not in first.headers, first
    for path, body in ((devices, {"node_eui": "Right002"}), (devices + "&x=1", {"node_eui": "Right001"}),
                       ("/vendors", {"name": "v"}), (f"/devices/{product.product_id}.Right001/kick", None)):
        refused = posts.send("wrong-first", path, body, 422)
        assert "Idempotency-Key was used for another request" in refused.json["detail"], refused
    other = stand.service.api("POST", "/tokens", {"name": "other", "role": "admin"})["token"]
    posts.send("wrong-first", "/vendors", {"name": "of another token"}, 201, token=other)
    stand.database.sql("UPDATE idempotency_key SET answered_at = now() - interval '24 hours 1 second'")
    posts.send("wrong-first", "/vendors", {"name": "a day later"}, 201)


def at_once(stand, posts):
    """Many that are sent together: one is done, the others get its answer or are told that it is being done."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: posts.send("race", "/vendors", {"name": "raced"}), range(24)))
    done = [answer for answer in answers if answer.status == 201]
    assert len({answer.body for answer in done}) == 1 and len([a for a in done if "Idempotent-Replayed" not in a.headers]) == 1
    for answer in answers:
        assert answer.status == 201 or answer.json["type"] == "urn:xgate:problem:in-progress", answer
    assert stand.database.sql("SELECT count(*) FROM vendor WHERE name = 'raced'") == [["1"]]


def by_the_program(stand):
    product = stand.product()
    name = f"{product.product_id}.Program1"
    stand.proxy.lose_next_commit_answer("xgate-api")
    assert name in stand.xgate("device", "add", name).stdout
    assert stand.proxy.lost.is_set()
    stand.proxy.lose_next_commit_answer("xgate-api")
    assert stand.xgate("device", "add", f"{product.product_id}.Program2", "--reveal").stdout.count("hidden; --reveal shows it") == 2
    assert [device["node_eui"] for device in stand.service.items(f"/products/{product.product_id}/devices")] == ["Program1", "Program2"]
    refused = stand.xgate("device", "add", name, ok=False)
    assert refused.returncode == 1 and "already" in refused.stderr, refused
    stand.proxy.lose_next_commit_answer("xgate-api")
    told = stand.xgate("token", "add", "lost", "--role", "read", ok=False)
    assert told.returncode == 1 and "revoke it and make another" in told.stderr, told


def api_posts_are_done_once(stand):
    posts = Posts(stand)
    lost_answers(stand, posts)
    other_requests(stand, posts)
    at_once(stand, posts)
    by_the_program(stand)


run(api_posts_are_done_once, database_proxy=True)
