#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: after five failed logins of a device from an address the next wrong ones have to wait: 1 s, then twice as long each
time. Within the wait a guess is refused as ever, and nothing tells who guesses why; the operator is told exactly, and
until when. The right password, which proves a secret of 128 bits, is accepted at any time: who guesses keeps nobody out, at
his own address neither."""
from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient, connect_packet
from stand.waiting import wait_until

WRONG = "00112233445566778899AABBCCDDEEFF"


def v2_6_brute_force_backs_off(stand):
    device, neighbour = stand.device(), stand.device()
    stranger = Device(stand, device.product, "stranger", WRONG)

    def answer(credentials):
        raw = RawClient(stand.broker.port)
        raw.send(connect_packet(*credentials))
        packets = raw.receive(), raw.receive()
        raw.close()
        return packets

    refused = (0x20, b"\x00\x05"), None

    # Never logged in before: nothing but its password speaks for the device.
    client_id, username, _password = device.v2_credentials()
    for _failure in range(8):
        assert answer((client_id, username, WRONG)) == refused
    assert device.raw_login()[0] == 0, "the right password, where somebody guesses"
    assert device.raw_login(address="127.0.0.2")[0] == 0, "the same device at another address"
    assert neighbour.raw_login()[0] == 0, "another device at the same address"
    assert answer((client_id, username, WRONG)) == refused

    told = stand.refused("V2-6", client_id=client_id)
    assert "too many failed logins" in told["reason"] and "the next wrong one counts at 2" in told["reason"], told
    assert "the right password is accepted at any time; this one is wrong, V2-2" in told["reason"], told
    sixth = stand.refused("V2-2", client_id=client_id)
    assert "failure 6 from this address" in sixth["reason"] and sixth["explanation"] is None, sixth
    shown = stand.xgate("refusals", device.name).stdout
    assert "the next wrong one counts at" in shown, shown
    assert "login refused, V2-6: too many failed logins" in stand.broker.process.log()

    # The rule of a mistake that goes on is still told, and explained.
    client_id, username, _password = neighbour.v2_credentials()
    for _failure in range(8):
        answer((client_id, username, neighbour.device_secret))
    early = wait_until(lambda: next((item for item in stand.service.items("/refusals", limit=200)
                                     if item["client_id"] == client_id and item["requirement"] == "V2-6"), None),
                       "a mistake within the wait on record")
    assert "this one is wrong, V2-2" in early["reason"], early
    assert "DeviceSecret itself" in early["explanation"], early

    # Nobody at all looks the same, and waits the same.
    for _failure in range(8):
        assert answer(stranger.v2_credentials()) == refused
    assert "this one is wrong, V2-4" in stand.refused("V2-6", client_id=stranger.v2_credentials()[0])["reason"]
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    count = next(line for line in metrics.splitlines() if line.startswith("xgate_logins_too_early_total "))
    assert float(count.split()[1]) >= 3, count


run(v2_6_brute_force_backs_off)
