#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: everything under /api/v1 needs the bearer token, which stands in a file of mode 0600 and hashed in the
database; /livez, /readyz and /metrics need none."""
import hashlib
import stat

from stand import run


def api_needs_a_token(stand):
    service = stand.service
    product = stand.product()
    device = stand.device(product)
    assert stat.S_IMODE(service.token_file.stat().st_mode) == 0o600
    for path in ("/vendors", "/products", f"/products/{product.product_id}", f"/products/{product.product_id}/devices",
                 f"/devices/{device.name}", f"/devices/{device.name}/messages", "/devices/export", "/refusals"):
        for token in (None, "wrong", service.token[:-1], service.token + "0", service.token.swapcase()):
            answer = service.request("GET", "/api/v1" + path, token=token)
            assert answer.status == 401, (path, answer)
            assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers
            assert "Bearer" in answer.headers.get("WWW-Authenticate", ""), answer.headers
    for header in ("Basic " + service.token, service.token, "Bearer", "Bearer  ", "bearer" + service.token):
        answer = service.request("GET", "/api/v1/vendors", token=None, headers={"Authorization": header})
        assert answer.status == 401, header
    for path in ("/livez", "/readyz", "/metrics"):
        assert service.request("GET", path, token=None).status == 200, path

    hashed = stand.database.sql("SELECT encode(token_sha256, 'hex') FROM api_token")
    assert hashed == [[hashlib.sha256(service.token.encode()).hexdigest()]], "kept hashed"
    token = service.token
    service.restart()
    assert service.token == token, "a second start makes no second token"
    assert service.request("GET", "/api/v1/vendors").status == 200


# so many wrong ones would have to wait (api_wrong_tokens_back_off)
run(api_needs_a_token, settings="[http]\nlongest_backoff_s = 0\n")
