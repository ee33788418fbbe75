#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/haproxy.cfg before the broker: devices come in as ever; what is no CONNECT, or does not send one in time, never
reaches the broker; an address may connect only so often and so many times at once, which others do not
notice and a metric counts."""
import contextlib
import os
import pwd
import re
import socket
import time
import urllib.request

from stand import builds, run
from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER
from stand.ports import is_listening, take_port
from stand.processes import Process
from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string
from stand.waiting import seconds, wait_until

RATE, PER_ADDRESS = 30, 10
CONNECT_TIME = 5
SOURCES = [f"127.0.0.{last}" for last in range(9, 15)]  # each has ports for 28,232 connections
STRANGER = connect_packet("V2_a.b_0_1", "a-b-c", "x")


def with_will(size):
    return connect_packet("V2_a.b_0_1", "a-b-c", "x", will=("t", "x" * size))


class Front:
    def __init__(self, stand):
        self.port, self.metrics_port, self.broker = take_port(), take_port(), stand.broker
        self._stats = stand.folder / "haproxy.sock"
        environment = {**os.environ, "XGATE_FRONT_BIND": f"127.0.0.1:{self.port}",
                       "XGATE_FRONT_BROKER": f"127.0.0.1:{stand.broker.port}",
                       "XGATE_FRONT_METRICS": f"127.0.0.1:{self.metrics_port}", "XGATE_FRONT_CONNECTIONS": "400",
                       "XGATE_FRONT_SOCKET": str(self._stats),
                       "XGATE_FRONT_RATE": str(RATE), "XGATE_FRONT_PER_ADDRESS": str(PER_ADDRESS)}
        self.process = Process("haproxy", ["/usr/sbin/haproxy", "-db", "-f", str(self._configuration(stand.folder))],
                               stand.folder / "haproxy.log", env=environment)
        self.process.wait_ready(lambda: is_listening(self.metrics_port), "haproxy listens")

    @staticmethod
    def _configuration(folder):
        """The one that is installed; only root can become somebody else."""
        shipped = builds.SOURCE / "deploy" / "haproxy.cfg"
        if os.geteuid() == 0:
            return shipped
        text = re.sub(r"^  (user|group|chroot) .*\n", "", shipped.read_text(encoding="utf-8"), flags=re.M)
        (folder / "haproxy.cfg").write_text(text, encoding="utf-8")
        return folder / "haproxy.cfg"

    def known_addresses(self):
        """Who comes how often, as an operator is shown it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._stats))
            connection.sendall(b"show table mqtt\n")
            return connection.makefile(encoding="utf-8").read()

    def client(self, address="127.0.0.1"):
        return RawClient(self.port, address=address)

    def turns_away(self, address):
        """Whether a connection from there is ended, without a word, whose CONNECT the broker would answer."""
        try:
            client = self.client(address)
            client.send(STRANGER)
        except ConnectionError:
            return True
        with contextlib.closing(client):
            return ended(client)

    def rejected(self, what="connections"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=seconds(20)) as answer:
            text = answer.read().decode()
        name = {"connections": "denied_connections", "requests": "requests_denied"}[what]
        return int(re.search(rf'haproxy_frontend_{name}_total\{{proxy="mqtt"\}} (\d+)', text)[1])

    def broker_heard(self):
        """How many connections it had."""
        return self.broker.process.log().count("New connection from")


def ended(client):
    """Whether it was, and nothing was answered before."""
    try:
        return client.socket.recv(1) == b""
    except ConnectionError:
        return True


def devices(stand, front):
    device = stand.device()
    client = front.client()
    assert client.login(*device.v2_credentials()) == 0
    client.subscribe(device.topic("uplink_ack"))
    client.publish(device.topic("uplink"), '{"MessageId":1,"HeaderCtrl":4,"Version":"2.0","Payload":{"a":1}}', qos=1)
    assert client.next_publish()[0] == device.topic("uplink_ack")

    slow, packet = front.client(), connect_packet(*stand.device().v2_credentials())
    for piece in (packet[:1], packet[1:9], packet[9:]):
        slow.send(piece)
        time.sleep(0.2)  # so that they arrive one by one
    assert slow.receive() == (0x20, b"\0\0")

    hasty, other = front.client(), stand.device()
    subscribe = encode_packet(0x82, b"\0\1" + encode_string(other.topic("downlink")) + b"\1")
    hasty.send(connect_packet(*other.v2_credentials()) + subscribe)  # without waiting for its CONNACK
    assert hasty.receive() == (0x20, b"\0\0") and hasty.receive() == (0x90, b"\0\1\1")
    wrong = front.client()
    assert wrong.login(*stand.device().v2_credentials()[:2], "0" * 128) == 5, "judged by the plugin as ever"
    account = front.client()
    assert account.login("me", OPERATOR_USER, OPERATOR_PASSWORD) == 5, "whoever comes through it is no account"
    told = stand.refused("V2-6", client_id="me")
    assert told["address"] in SOURCES and "may not log in from this address" in told["reason"], told
    willing = front.client()
    willing.send(with_will(30_000))
    assert willing.receive() == (0x20, b"\0\5"), "the broker answers: a will of 30 KB passes"
    log = stand.broker.process.log()
    assert sum(f"New connection from {address}:" in log for address in SOURCES) > 1, "more than one address, for their ports"
    for one in (client, slow, hasty, wrong, account, willing):
        one.close()


def nonsense(front):
    heard = front.broker_heard()
    for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 1000,
                 b"\xe0\x00", encode_packet(0x30, encode_string("a") + b"x")):
        client = front.client("127.0.0.5")
        began = time.monotonic()
        client.send(data)
        assert ended(client) and time.monotonic() - began < seconds(2), data
        client.close()
    silent, half, odd, large = (front.client("127.0.0.6") for _ in range(4))
    large.send(with_will(40_000))
    half.send(STRANGER[:10])
    odd.send(STRANGER.replace(b"MQTT", b"MQTX"))
    began = time.monotonic()
    for client in (silent, half, odd, large):
        client.socket.settimeout(seconds(CONNECT_TIME + 10))
        assert ended(client)
    assert time.monotonic() - began > CONNECT_TIME - 1
    assert front.broker_heard() == heard, "the broker heard of these"
    wait_until(lambda: front.rejected("requests") >= 9, "the metric")


def floods(stand, front):
    before = front.rejected()
    held = [front.client("127.0.0.7") for _ in range(PER_ADDRESS)]
    for device in held:
        device.login(*stand.device().v2_credentials())
    assert front.turns_away("127.0.0.7"), "one more at a time"
    assert not front.turns_away("127.0.0.9")
    for client in held:
        client.close()
    for _ in range(2 * RATE):
        with contextlib.suppress(ConnectionError):
            front.client("127.0.0.8").close()
    assert front.turns_away("127.0.0.8"), "too often"
    assert front.client().login(*stand.device().v2_credentials()) == 0, "others do not notice"
    wait_until(lambda: front.rejected() > before, "the metric")
    assert "127.0.0.8" in front.known_addresses(), front.known_addresses()


def front_haproxy_lets_only_mqtt_through(stand):
    front = Front(stand)
    if os.geteuid() == 0:
        assert os.stat(f"/proc/{front.process.pid}").st_uid == pwd.getpwnam("haproxy").pw_uid
    devices(stand, front)
    nonsense(front)
    floods(stand, front)
    assert front.process.running()


run(front_haproxy_lets_only_mqtt_through)
