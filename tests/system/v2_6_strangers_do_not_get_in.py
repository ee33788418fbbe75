#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: who is neither a device nor in the accounts file is refused, with and without a name."""
from stand import run
from stand.broker import SERVICE_USER
from stand.raw_mqtt import RawClient


def v2_6_strangers_do_not_get_in(stand):
    for client_id, username, password in [
            ("me", None, None), ("", None, None), ("me", "", ""), ("me", "root", "root"), ("me", SERVICE_USER, ""),
            ("me", SERVICE_USER, None), ("me", SERVICE_USER, "wrong"), ("xgate-local-uplinks", "someone", "x"),
            ("me", SERVICE_USER.upper(), "x"), ("a\x00b", "x", "y"), ("+", "#", "+"), ("x" * 60000, "y" * 60000, "z")]:
        raw = RawClient(stand.broker.port)
        code = raw.login(client_id, username, password)
        raw.close()
        assert code != 0, (client_id[:40], username)
    operator = stand.operator("/sys/#")  # whoever stands in the file does
    operator.disconnect()


run(v2_6_strangers_do_not_get_in)
