#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-7: a product's devices may register themselves up to its quota. Who comes later is answered Code 4 and told to
nobody else; who is registered is served as ever; a device that is deleted makes room; null is no limit. It holds when
many come at once."""
from concurrent.futures import ThreadPoolExecutor

from stand import run
from stand.waiting import wait_until

QUOTA = 5


def auth_7_registration_has_a_quota(stand):
    product = stand.product(auth_type=0, registration_quota=QUOTA)
    shown = lambda: stand.service.api("GET", f"/products/{product.product_id}")
    assert (shown()["registration_quota"], shown()["self_registered"]) == (QUOTA, 0)
    devices = [stand.device(product) for _ in range(4 * QUOTA)]
    with ThreadPoolExecutor(len(devices)) as pool:
        codes = list(pool.map(lambda device: device.authenticate()["Code"], devices))
    assert sorted(codes) == [0] * QUOTA + [4] * 3 * QUOTA, codes
    assert len(stand.service.items(f"/products/{product.product_id}/devices")) == QUOTA
    assert shown()["self_registered"] == QUOTA

    good = [device for device, code in zip(devices, codes) if code == 0]
    late = [device for device, code in zip(devices, codes) if code == 4]
    assert good[0].authenticate()["Code"] == 0, "who is registered asks again"
    assert good[0].raw_login()[0] == 0
    message = late[0].messages()[0]
    assert (message["code"], message["requirement"]) == ("4", "AUTH-7"), message
    assert "registration_quota of 5" in message["reason"], message
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert f'xgate_registrations_refused_total{{limit="quota"}} {3 * QUOTA}' in metrics, metrics

    stand.xgate("device", "delete", good[-1].name)
    assert shown()["self_registered"] == QUOTA - 1
    assert late[0].authenticate()["Code"] == 0, "the deleted one made room"
    assert late[1].authenticate()["Code"] == 4
    registered = stand.device(product, node_eui="byHand01", registered=True)
    assert registered.authenticate()["Code"] == 0, "what the platform registers is not counted"
    assert shown()["self_registered"] == QUOTA
    stand.xgate("product", "set", product.product_id, "--registration-quota", "none")
    assert shown()["registration_quota"] is None
    assert late[1].authenticate()["Code"] == 0
    assert "registration_quota" in wait_until(stand.service.process.log, "a log")


run(auth_7_registration_has_a_quota)
