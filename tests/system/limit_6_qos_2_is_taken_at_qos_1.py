#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LIMIT-6: what a device of MQTT 3.1.1 publishes at QoS 2 is handled like what it publishes at QoS 1, and the broker keeps nothing
of it, whether the device releases it or not; one of MQTT 5 is told in its PUBREC, and on record."""
import pathlib

from stand import run
from stand.device import frame
from stand.mqtt_client import MQTT5
from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string
from stand.waiting import wait_until


def resident_kib(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1]) * 4


def publish_2(topic, payload, mid):
    return encode_packet(0x34, encode_string(topic) + mid.to_bytes(2, "big") + payload)


def limit_6_qos_2_is_taken_at_qos_1(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    client.publish(device.topic("uplink"), frame(4, {"a": 1}, 77), qos=2)
    assert client.next(device.topic("uplink_ack"))
    assert [row["code"] for row in device.messages()] == ["200"]
    client.disconnect()

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

    stand.broker.start()
    wait_until(stand.service.ready, "the service ready again")
    modern = stand.device()
    client = modern.login(version=MQTT5, subscribe=["uplink_ack"])
    client.publish(modern.topic("uplink"), frame(4, {"a": 1}), qos=2, wait=False)
    assert "QoS 0 or 1" in stand.refused("LIMIT-6", what="publish", node_eui=modern.node_eui)["reason"]
    assert modern.send(client, "uplink", {"a": 1})["Payload"]["Code"] == "200"


run(limit_6_qos_2_is_taken_at_qos_1)
