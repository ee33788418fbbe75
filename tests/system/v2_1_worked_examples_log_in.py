#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-1, V2-2: both worked examples of the protocol's text log in as they are printed there."""
from stand import run
from stand.raw_mqtt import RawClient

OPEN_ID, PRODUCT_ID, PRODUCT_KEY = "7ED01E2A", "AA30C505", "DB6FACEF35BEBA0517712F0E4BE32936"
NODE_EUI, DEVICE_SECRET = "20MQTTJ000121", "326086233FAB8A96566796551EB1DFF8"
COMMON = "5EB6BBC8DE5233E632389FA3E8E133F14DC0378BDDE5EDD73E64F682A79D14515CF9C8D4C5A0F469AD773DF9F4BFC8F0"
PASSWORDS = {
    0: COMMON + "5876680DBB4A7CB546B1EE27FF10134B",
    1: COMMON + "725CDE013D77D74F22A59C33F8FE51622BE8CFAD9396E7811545F61CEDA9E4F9",
}


def v2_1_worked_examples_log_in(stand):
    stand.vendor(open_id=OPEN_ID)
    product = stand.product(auth_type=1, open_id=OPEN_ID, product_id=PRODUCT_ID, product_key=PRODUCT_KEY)
    device = stand.device(product, NODE_EUI, DEVICE_SECRET)
    for login_type, password in reversed(PASSWORDS.items()):  # once it was offline, 2023 is too early for type 1
        stand.keep_secret(password, "example password")
        raw = RawClient(stand.broker.port)
        code = raw.login(f"V2_{PRODUCT_ID}.{NODE_EUI}_{login_type}_1675404867",
                         f"{OPEN_ID}-{PRODUCT_ID}-{NODE_EUI}", password)
        assert code == 0, (login_type, code)
        assert password == device.v2_credentials(login_type)[2], "the tests' own cipher"
        raw.close()


run(v2_1_worked_examples_log_in)
