#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-9: the very next V2_ login after the auth reply succeeds, however soon it comes: 1,000 new devices, eight
at a time, without one refusal."""
import json
import threading

from stand import run
from stand.crypto import v2_password
from stand.device import AUTH_TOPIC
from stand.raw_mqtt import RawClient

DEVICES, AT_ONCE = 1000, 8


def auth_9_instant_login_1000_times(stand):
    product = stand.product(auth_type=0)
    refused, broken = [], []

    def go(first):
        try:
            for number in range(first, DEVICES, AT_ONCE):
                device = stand.device(product, node_eui=f"N{number:05d}")
                # the second connection stands ready, so that nothing lies between reply and login
                asker, operating = RawClient(stand.broker.port), RawClient(stand.broker.port)
                assert asker.login(*device.auth_credentials()) == 0
                assert asker.subscribe(device.topic("downlink")) == 1
                asker.publish(AUTH_TOPIC, device.auth_request(), qos=number % 2)
                _topic, body = asker.next_publish()
                secret = json.loads(body)["Payload"]["DeviceSecret"]
                password = v2_password(secret, product.product_id, device.node_eui, product.product_key)
                code = operating.login(f"V2_{device.name}_0_1", f"{product.open_id}-{product.product_id}-"
                                       f"{device.node_eui}", password)
                if code != 0:
                    refused.append((device.node_eui, code))
                asker.close()
                operating.close()
        except BaseException as error:  # a thread's failure is the test's
            broken.append(repr(error))

    threads = [threading.Thread(target=go, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken, broken[:3]
    assert not refused, f"{len(refused)} refused: {refused[:5]}"
    assert stand.database.sql(f"SELECT count(*) FROM device WHERE product_id = '{product.product_id}'") == \
        [[str(DEVICES)]]


run(auth_9_instant_login_1000_times, log_level="info")
