#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ENC-3: of an encrypted product, time requests, model/hex, acks and auth are plain; firmware reports are taken either
way; uplinks and all reports are encrypted."""
import json

from stand import run
from stand.device import ACK, PUBLISH


def enc_3_what_is_encrypted_and_what_is_not(stand):
    device = stand.device(stand.product(encrypted=True, kind="json"))
    device.authenticate()
    client = device.login(subscribe=list(ACK.values()))
    assert device.send(client, "update_time", "")["Payload"]["Code"] == "200"
    report = {"HardVer": "v1", "SoftVer": "v2", "Type": 2}
    assert device.send(client, "firmware_report", report)["Payload"]["Code"] == "200"
    assert device.send(client, "firmware_report", device.seal({**report, "SoftVer": "v3"}))["Payload"]["Code"] == "200"
    assert [f["soft_ver"] for f in device.shown()["firmware"]] == ["v3"]
    client.publish(device.topic("model/hex"), '"00f0ff013FA00000"')
    ack = json.loads(client.next(device.topic("model/hex_ack")).payload)
    assert ack["HeaderCtrl"] == 28
    hex_full = [m for m in device.messages() if m["topic"] == device.topic("model/hex")]
    assert hex_full[0]["payload"] == "00f0ff013FA00000" and not hex_full[0]["encrypted"], hex_full

    for number, suffix in enumerate(["uplink", "model/property/report", "model/event/overheat/report",
                                     "model/history/data/report", "model/hex/report", "config_report"]):
        payload = "00f0ff" if suffix == "model/hex/report" else {"n": number}
        for sealed in (False, True):
            message_id = 100 * number + sealed
            text = device.seal(payload) if sealed else payload
            body = json.dumps({"MessageId": message_id, "HeaderCtrl": PUBLISH[suffix], "Payload": text, "Version": "2.0"})
            client.publish(device.topic(suffix), body)
            if suffix in ACK:
                device.ack(client, suffix, message_id)
    assert device.send(client, "uplink", device.seal("last"))["Payload"]["Code"] == "200"
    stored = {m["message_id"]: m for m in device.messages()}
    for number in range(6):
        plain, sealed = stored[100 * number], stored[100 * number + 1]
        # plain hex cannot be told from ciphertext
        told = ("ENC-1", "ENC-4") if plain["topic"].endswith("hex/report") else ("ENC-4",)
        assert plain["requirement"] in told and plain["payload"] is None, plain
        assert sealed["encrypted"] and sealed["payload"] is not None, sealed


run(enc_3_what_is_encrypted_and_what_is_not)
