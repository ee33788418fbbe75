#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-8: the reply leaves a type-2 DeviceSecret out unless the product reveals it; types 0 and 1 get it unless
the product says otherwise."""
from stand import run


def auth_8_type_2_secret_is_left_out(stand):
    for auth_type, setting, revealed in [(2, None, False), (2, True, True), (2, False, False), (1, None, True),
                                         (1, False, False), (0, None, True)]:
        more = {} if setting is None else {"reveal_device_secret": setting}
        device = stand.device(stand.product(auth_type=auth_type, encrypted=True, **more))
        burnt_in = device.device_secret
        reply = device.authenticate()
        assert reply["Code"] == 0
        assert ("DeviceSecret" in reply) == revealed, (auth_type, setting, reply.keys())
        assert "SessionID" in reply and "Nonce" in reply
        if revealed and burnt_in:
            assert reply["DeviceSecret"] == burnt_in
        if auth_type == 2:
            device.login().disconnect()  # with what was burnt in


run(auth_8_type_2_secret_is_left_out)
