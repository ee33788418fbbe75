#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-4, ID-7: a pre-registered device gets its DeviceSecret and a default type-0 login at registration, and logs in
with it as it is shown; a given secret is kept as it was given."""
import re

from stand import run
from stand.raw_mqtt import RawClient


def id_7_default_login_is_shown_and_works(stand):
    product = stand.product(auth_type=2)
    for given in (None, "326086233fab8a96566796551eb1dff8"):
        device = stand.device(product, device_secret=given)
        shown = device.shown()
        assert re.fullmatch("[0-9A-F]{32}" if given is None else given, shown["device_secret"]), shown
        assert re.fullmatch(rf"V2_{re.escape(device.name)}_0_\d+", shown["client_id"]), shown
        assert shown["username"] == f"{product.open_id}-{product.product_id}-{device.node_eui}", shown
        assert shown["password"] == device.v2_credentials()[2], "V2-2"
        assert (shown["state"], shown["registered_by"]) == ("unactivated", "api"), shown
        raw = RawClient(stand.broker.port)
        assert raw.login(shown["client_id"], shown["username"], shown["password"]) == 0
        raw.close()
    secrets = {stand.device(product).device_secret for _n in range(5)}
    assert len(secrets) == 5


run(id_7_default_login_is_shown_and_works)
