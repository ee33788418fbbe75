#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-6: of what a device publishes at QoS 2 the broker keeps nothing, whether the device releases it or not."""
import pathlib

from stand import run
from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string
from stand.waiting import wait_until


def resident_kib(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1]) * 4


def publish_2(topic, payload, mid):
    return encode_packet(0x34, encode_string(topic) + mid.to_bytes(2, "big") + payload)


def limit_6_qos_2_takes_no_memory(stand):
    hoarder = stand.device()
    client_id, username, password = hoarder.auth_credentials()
    raw = RawClient(stand.broker.port)
    raw.send(connect_packet(client_id, username, password, clean=False))
    assert raw.receive()[0] >> 4 == 2
    before = resident_kib(stand.broker.process)
    for mid in range(1, 11):  # never released
        raw.send(publish_2("/sys/device/auth", b"x" * 250_000, mid))
        assert raw.receive()[0] >> 4 == 5, "PUBREC"
    raw.send(encode_packet(0x62, (1).to_bytes(2, "big")))
    assert raw.receive()[0] >> 4 == 7, "PUBCOMP"
    wait_until(lambda: len(hoarder.messages()) == 10, "what was published")
    raw.close()
    assert resident_kib(stand.broker.process) - before < 2000
    stand.broker.stop()
    assert (stand.broker.folder / "mosquitto.db").stat().st_size < 200_000


run(limit_6_qos_2_takes_no_memory)
