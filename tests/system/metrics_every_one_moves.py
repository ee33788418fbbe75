#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that /metrics exposes moves when what it tells of happens: each name, and each value of each label but of topics,
kinds of commands, codes and workers, of which some do."""
import http.client
import re
import signal
import urllib.parse

from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.device import frame
from stand.hex_product import ALARM, scripted_product
from stand.http_peer import connect
from stand.ota import Firmware, content, start, upload
from stand.raw_mqtt import RawClient, connect_packet
from stand.waiting import seconds, wait_until

SCRIPT = """function rawDataToProtocol(bytes) {
  if (bytes[0] === 254) throw new Error('no such frame');
  if (bytes[0] === 255) for (;;) {}
  if (bytes[0] === 253) /^(([a-z])+.)+[A-Z]([a-z])+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
  return {method: 'thing.event.alarm.post', params: {code: 1}};
}
function protocolToRawData(json) { return [1]; }"""
SOME = {"topic", "kind", "code", "worker", "requirement"}  # labels whose values have requirements, and tests, of their own


class Watch:
    """What was seen to move, of all that there is."""

    def __init__(self, stand):
        self.stand, self.known, self.moved = stand, {}, set()

    def look(self):
        now = {}
        for line in self.stand.service.request("GET", "/metrics", token=None).body.decode().splitlines():
            match = re.fullmatch(r"([a-z_0-9]+(?:\{.*\})?) (\S+)", line)
            if match and not match[1].split("{")[0].endswith(("_bucket", "_sum")):
                now[match[1]] = float(match[2])
        self.moved.update(name for name, value in now.items() if value != self.known.get(name, value))
        self.known.update(now)
        return now

    def wait(self, name, value):
        wait_until(lambda: self.look()[name] == value, f"{name} to be {value}")

    def what_stood_still(self):
        values = {}
        for name in self.known:
            for label, value in re.findall(r'(\w+)="([^"]*)"', name) or [("", "")]:
                key = (name.split("{")[0], label, "any" if label in SOME else value)
                values[key] = values.get(key, False) or name in self.moved
        return sorted(key for key, moved in values.items() if not moved)


def refuse(stand):
    device, wrong = stand.device(), stand.device()
    client = device.login(subscribe=["uplink_ack"])
    assert client.subscribe("#")[0] >= 128
    for _ in range(40):  # of so many some are not told one by one
        client.publish(device.topic("downlink"), "{}", qos=0)
    client_id, username, _ = wrong.v2_credentials()
    for number in range(8):  # the later ones come too early
        raw = RawClient(stand.broker.port)
        raw.send(connect_packet(client_id, username, f"{number:0128X}"))
        raw.receive()
        raw.close()
    for number in range(8):
        stand.service.request("GET", "/api/v1/vendors", token=f"guess{number}")
    live = stand.device(stand.product(auth_type=0))
    live.authenticate()
    session = live.login()
    wait_until(lambda: live.shown()["state"] == "online", "it online")
    assert live.authenticate()["Code"] == 0
    session.disconnect()
    wait_until(lambda: live.shown()["state"] == "offline", "it offline")
    for limit in ({"registration_quota": 1}, {"registration_rate_per_minute": 1}):
        product = stand.product(auth_type=0, **limit)
        assert {stand.device(product).authenticate()["Code"] for _ in range(3)} & {1, 4}
    return device, client


def run_scripts(stand, product):
    device = stand.device(product)
    client = device.login(subscribe=["model/hex/report_ack", "model/hex/downlink"])

    def send(payload, header_ctrl=19):
        return device.send(client, "model/hex/report", payload, header_ctrl=header_ctrl, timeout=60)["Payload"]
    assert send(ALARM)["Code"] == "200"
    assert "no such frame" in send("FE")["Msg"]
    call = queue(device, "call", service="calibrate", params={"offset": 1})  # its receipt comes before its result
    acknowledge(device, client, "model/hex/downlink_ack", receive(device, client, "model/hex/downlink")["MessageId"],
                header_ctrl=24)
    in_state(device, call, "received")
    send("FD")  # within one step, so that the process is ended
    wait_until(lambda: "was not run" in send("FF")["Msg"], "the script to be tried no more")


def command(stand):
    """The other states that a command can come into."""
    product = stand.product(kind="json", encrypted=True)
    device, away = stand.device(product), stand.device(product)
    device.authenticate()
    client = device.login(subscribe=["model/property/set"])
    for code, state in (("200", "done"), ("4001", "failed")):
        order = queue(device, "set", params={"a": 1})
        acknowledge(device, client, "model/property/set_ack", receive(device, client, "model/property/set")["MessageId"],
                    code=code, Data={})
        in_state(device, order, state)
    stand.service.api("POST", f"/commands/{queue(away, 'set', params={'a': 1})['command_id']}/cancel")
    in_state(away, queue(away, "set", params={"a": 1}, ttl_s=1), "expired")


def download(stand, watch):
    product = stand.product()
    device = stand.device(product)
    image = content(1000)
    upload(stand, product, "v2", image)
    start(stand, product, "v2")
    url = urllib.parse.urlsplit(Firmware(device).boot().notified()["Payload"]["Url"])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=seconds(30))
    connection.request("GET", url.path)
    assert connection.getresponse().read() == image
    watch.wait("xgate_download_connections", 1)
    connection.close()
    for status in (404, 429):  # one unknown DownID is allowed here, the next is held off
        guesser = http.client.HTTPConnection(url.hostname, url.port, timeout=seconds(30), source_address=("127.0.0.77", 0))
        guesser.request("GET", "/ota/00000000")
        assert guesser.getresponse().status == status
        guesser.close()
    watch.wait("xgate_download_connections", 0)


def run_into_limits(stand, watch):
    """Of connections an address has its share, and a header has its time."""
    crowd = [connect(port, "127.0.0.66") for port, share in ((stand.service.port, 128), (stand.service.download_port, 256))
             for _ in range(share + 1)]
    for limit in ("LIMIT-10", "LIMIT-11", "LIMIT-12"):
        wait_until(lambda name=f'xgate_limit_exceeded_total{{requirement="{limit}"}}': watch.look()[name] > 0, limit)
    for connection in crowd:
        connection.close()


def overflow(stand, watch):
    """The broker's queue for the service is full: it lets 5,000 be on their way, and keeps 50 more here."""
    device = stand.device()
    client = device.login()
    stand.service.process.send_signal(signal.SIGSTOP)
    for number in range(6000):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), wait=number % 500 == 499)
    stand.service.process.send_signal(signal.SIGCONT)
    wait_until(lambda: watch.look()["xgate_broker_dropped_total"] > 0, "what was dropped to be known")
    client.disconnect()


def give_up(stand):
    """What the database refuses for what it is."""
    stand.database.sql("ALTER TABLE message ADD CONSTRAINT refuse CHECK (payload IS NULL OR payload NOT LIKE '%poison%')")
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])
    client.publish(device.topic("uplink"), frame(4, {"is": "poison"}, 1))
    kept = wait_until(device.messages, "its bytes to be kept")[0]
    assert kept["raw"] and "could not store it" in kept["reason"], kept


def metrics_every_one_moves(stand):
    watch = Watch(stand)
    watch.look()
    other = http.client.HTTPConnection("127.0.0.1", stand.service.port, timeout=seconds(30))
    other.request("GET", "/livez")
    assert other.getresponse().read() is not None
    watch.look()
    other.close()
    device, client = refuse(stand)
    watch.wait("xgate_devices_online", 1)
    product = scripted_product(stand, SCRIPT)
    run_scripts(stand, product)
    command(stand)
    download(stand, watch)
    run_into_limits(stand, watch)
    overflow(stand, watch)
    give_up(stand)
    path = f"/api/v1/products/{product.product_id}/script"
    tag = stand.service.request("GET", path).headers["ETag"]
    assert stand.service.request("GET", path, headers={"If-None-Match": tag}).status == 304
    client.disconnect()
    wait_until(lambda: device.shown()["state"] == "offline", "a logout")
    watch.look()

    client = device.login(subscribe=["uplink_ack"])
    stand.cluster.stop()
    watch.wait("xgate_database_connected", 0)
    for number in range(5):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, 100 + number), wait=False)
    watch.wait('xgate_queue_messages{worker="messages-0"}', 5)
    stand.service.request("GET", "/api/v1/vendors")
    stand.service.kill()  # and what it held is delivered again
    stand.service.start(wait_ready=False)
    wait_until(stand.service.lives, "the next service")
    stand.cluster.start()
    stand.service.wait_ready()
    device.ack(client, "uplink", 104, timeout=60)
    watch.look()
    stand.broker.stop()
    for connection in ("uplinks", "auth"):
        watch.wait(f'xgate_broker_connected{{connection="{connection}"}}', 0)
    still = watch.what_stood_still()
    assert not still, f"these never moved: {still}"


run(metrics_every_one_moves, database="own", broker_extra="max_queued_messages 50\n",
    broker_options=["--messages-per-second", "100000"], settings="[ingest]\nworkers = 1\n[download]\nunknown_per_hour = 1\n")
