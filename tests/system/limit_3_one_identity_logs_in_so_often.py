#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-3: one identity that logs in again and again is let in ten times and then once a second; another is not held up, and whoever
does not know the secret uses up nothing of it."""
from stand import run
from stand.mqtt_client import LoginRefused


def limit_3_one_identity_logs_in_so_often(stand):
    product = stand.product()
    device, other = stand.device(product), stand.device(product)
    right = device.device_secret
    device.device_secret = "0" * 32
    for _ in range(4):
        try:
            device.login()
            raise AssertionError("a wrong secret was let in")
        except LoginRefused:
            pass
    device.device_secret = right
    let_in = 0
    for _ in range(60):
        try:
            device.login().drop()
            let_in += 1
        except LoginRefused:
            break
    assert 10 <= let_in < 60, let_in
    refusal = stand.refused("LIMIT-3", node_eui=device.node_eui)
    assert "more than 60 times a minute" in refusal["reason"], refusal
    other.login()


run(limit_3_one_identity_logs_in_so_often)
