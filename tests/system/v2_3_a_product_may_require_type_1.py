#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-3: where a product requires type 1, a login of type 0, whose password whoever captured it could use for ever, is refused and
told, a session that began so is ended, and a captured login of type 1 is good for nothing. The login that the platform shows is one
that works."""
import time

from stand import run
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until


def v2_3_a_product_may_require_type_1(stand):
    product = stand.product()
    device, fresh = stand.device(product), stand.device(product)

    def code(credentials):
        raw = RawClient(stand.broker.port)
        answer = raw.login(*credentials)
        raw.close()
        return answer

    by_type_0 = device.login()
    assert "require_type_1" in stand.xgate("product", "set", product.product_id, "--require-type-1", "on").stdout
    by_type_0.wait_closed()
    assert code(device.v2_credentials()) == 5
    told = stand.refused("V2-3", client_id=device.v2_credentials()[0])
    assert "takes logins of type 1 alone (require_type_1)" in told["reason"], told
    assert "type 0" in stand.xgate("refusals", device.name).stdout

    captured = wait_until(lambda: (now := device.v2_credentials(1, int(time.time()))) and code(now) == 0 and now,
                          "a login of type 1, a second after the last session")
    assert code(captured) == 5, "the same again"
    shown = fresh.shown()
    assert shown["client_id"].startswith(f"V2_{fresh.name}_1_"), shown["client_id"]
    stand.keep_secret(shown["password"], "MQTT password")
    assert code((shown["client_id"], shown["username"], shown["password"])) == 0

    stand.broker.restart()  # by its copy, or what it reads anew
    assert wait_until(lambda: code(device.v2_credentials()) == 5, "type 0 refused after a start")
    stand.xgate("product", "set", product.product_id, "--require-type-1", "off")
    assert code(device.v2_credentials()) == 0


run(v2_3_a_product_may_require_type_1)
