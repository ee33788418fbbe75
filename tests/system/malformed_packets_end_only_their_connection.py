#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Malformed MQTT packets and hostile topics end at most the connection that sent them."""
from stand import run
from stand.raw_mqtt import RawClient, connect_packet


def malformed_packets_end_only_their_connection(stand):
    device, attacker = stand.device(), stand.device()
    client = device.login(subscribe=["uplink_ack"])
    credentials = attacker.v2_credentials()
    good = connect_packet(*credentials)
    before_login = [b"", b"\x10", b"\x10\xff\xff\xff\xff\xff", b"\x10\x00", good[:20], good + good, b"\x30\x05hello",
                    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", bytes(1000),
                    b"\xf0\x00", good.replace(b"MQTT", b"MQTX"), good.replace(b"MQTT\x04", b"MQTT\x09"),
                    connect_packet("a" * 65535, "u", "p"), connect_packet(b"V2_\xff\xfe", b"\xff\xfe", b"\xff"),
                    connect_packet("V2_" + "%s%n" * 20, "%s-%s-%s", "%n"), connect_packet("V2_'; DROP", "a-b-'; --", "x")]
    for data in before_login:
        raw = RawClient(stand.broker.port)
        try:
            raw.send(data)
        except ConnectionError:
            pass
        raw.close()
    topic = attacker.topic("uplink")
    for name in (topic + "\x00", topic + "/" * 60, topic + "\ufffe", "\ud800".encode("utf-8", "surrogatepass"), "",
                 topic + "/#", topic.replace("uplink", "+"), "/" * 65000, topic + "x" * 65000):
        code, raw = attacker.raw_login()
        assert code == 0
        try:
            raw.publish(name.decode("latin-1") if isinstance(name, bytes) else name, b"x", qos=1)
        except (ConnectionError, UnicodeEncodeError):
            pass
        raw.close()
    assert device.send(client, "uplink", {"still": "served"})["Payload"]["Code"] == "200"
    assert not client.closed() and stand.broker.process.running()


run(malformed_packets_end_only_their_connection)
