#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: whatever was wrong, a refused login gets the one code for it and nothing more; the operator is told
exactly."""
from stand import run
from stand.crypto import v2_password
from stand.device import Device
from stand.mqtt_client import MQTT5, Client, LoginRefused
from stand.raw_mqtt import RawClient, connect_packet


def v2_6_refusal_tells_nothing(stand):
    product = stand.product()
    device, disabled = stand.device(product), stand.device(product)
    stand.act(disabled, "disable")
    stranger = Device(stand, product, "stranger", "00112233445566778899AABBCCDDEEFF")
    client_id, username, password = device.v2_credentials()
    cases = {
        "V2-1": ("V2_x", username, password),
        "V2-2": (client_id, username, v2_password("FF" * 16, product.product_id, device.node_eui, "00" * 16)),
        "V2-3": device.v2_credentials(1, 1 << 40),
        "V2-4": stranger.v2_credentials(),
        "V2-4 ": disabled.v2_credentials(),
        "AUTH-1": (f"{product.product_id}-{device.node_eui}", f"AUTH-{product.open_id}-{product.product_id}", "00" * 16),
    }
    answers, reasons = {}, set()
    for requirement, credentials in cases.items():
        raw = RawClient(stand.broker.port)
        raw.send(connect_packet(*credentials))
        answers[requirement] = (raw.receive(), raw.receive())
        raw.close()
        reasons.add(stand.refused(requirement.strip(), client_id=credentials[0], username=credentials[1])["reason"])
    assert set(answers.values()) == {((0x20, b"\x00\x05"), None)}, answers
    assert len(reasons) == len(cases), f"each cause has its own reason: {reasons}"

    for credentials in cases.values():
        client = Client(stand.broker.port, *credentials, version=MQTT5)
        try:
            client.connect()
            raise AssertionError(f"accepted: {credentials[0]}")
        except LoginRefused as refusal:
            assert refusal.code == 0x87, refusal.code
    log = stand.service.process.log() + stand.broker.process.log()
    for requirement in cases:
        assert requirement.strip() in log, f"no log names {requirement}"


run(v2_6_refusal_tells_nothing)
