# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import re
import statistics
import subprocess
import threading
import time

import parts
from quantity import Line, Quantity
from stand.crypto import v2_password
from stand.device import AUTH_TOPIC
from stand.raw_mqtt import RawClient, connect_packet
from stand.waiting import wait_until

# As lib/directory/reading.cpp reads them: the same rows by the same statement.
_READING = (parts.builds.SOURCE / "lib" / "directory" / "reading.cpp").read_text(encoding="utf-8")


def copy_statement():
    text = re.search(r"copy_devices_sql =\s*((?:\"[^\"]*\"\s*)+);", _READING).group(1)
    return "".join(re.findall(r"\"([^\"]*)\"", text))


def login(gate, number, code=False):
    """Whether the broker lets that device of the plain product in, as seen at the CONNACK."""
    product, node = parts.PRODUCTS["plain"], parts.node(number)
    secret = parts.digest(product, node)[:16].hex().upper()
    client = RawClient(gate.port)
    try:
        client.send(connect_packet(f"V2_{product}.{node}_0_1", f"{parts.OPEN_ID}-{product}-{node}",
                                   v2_password(secret, product, node, parts.PRODUCT_KEY)))
        return client.socket.recv(4)[3:4] == b"\0"
    finally:
        client.close()


def until_refused(gate, number, every=0.0005, timeout=60):
    """Seconds from now until a login is refused. While it is let in nothing counts as a failed login. Asked every
    millisecond where milliseconds matter, and rarely where asking would take processor time from what is waited for."""
    began = time.perf_counter()
    while login(gate, number):
        time.sleep(every)
        if time.perf_counter() - began > timeout:
            raise RuntimeError("the change never reached the plugin")
    return time.perf_counter() - began


def set_enabled(gate, number, enabled, before="", after=""):
    gate.directory.database.sql(f"""BEGIN; {before} UPDATE device SET enabled = {enabled} WHERE product_id =
        '{parts.PRODUCTS['plain']}' AND node_eui = '{parts.node(number)}'; {after} COMMIT;""")


class Snapshot(Quantity):
    name = "snapshot"
    title = ("snapshot of 1 M devices into the plugin", "100 万台设备的快照载入插件")
    LOGINS = ("login latency p50 during a snapshot", "快照期间的登录延迟 p50")

    def round(self, stage):
        gate = stage.bare()
        with stage.alone(gate):
            self.measure(gate, gate.directory.plain - 1)

    def measure(self, gate, number):
        self.note_logins("", self.logins(gate))
        # What PostgreSQL takes from the broker and the generator where all share two cores, whoever reads.
        self.note_logins(" beside a plain COPY", self.logins(gate, lambda: self.copy(gate)))
        parts.settle(gate.pid)
        beside = []
        self.note_logins(" meanwhile",
                         self.logins(gate, lambda: beside.append(self.reload_and_back(gate, number, every=0.05))))
        self.note("seconds beside logins", statistics.median(beside))
        # Alone, for the time itself: the logins above take processor time from it.
        parts.settle(gate.pid)
        self.note("COPY seconds", self.copy(gate))
        self.note("seconds", self.reload_and_back(gate, number))
        parts.settle(gate.pid)

    def note_logins(self, when, latency):
        for share in ("p50", "p99"):
            self.note(f"login {share} ms{when}", latency[share] / 1000)

    @staticmethod
    def logins(gate, beside=None):
        """Their latency, in µs, while something else goes on again and again, as long as they last."""
        ended = threading.Event()

        def again_and_again():
            while not ended.is_set():
                beside()
        other = threading.Thread(target=again_and_again) if beside else None
        if other:
            other.start()
        try:
            return gate.load("connect", "plain", "--connections", 32, "--rate", 200, "--duration", 3)["latency_us"]
        finally:
            ended.set()
            if other:
                other.join()

    @staticmethod
    def copy(gate):
        """Seconds that the same rows take to leave PostgreSQL."""
        began = time.perf_counter()
        if gate.directory.psql(copy_statement(), stdout=subprocess.DEVNULL).wait() != 0:
            raise RuntimeError("COPY failed")
        return time.perf_counter() - began

    @classmethod
    def reload_and_back(cls, gate, number, every=0.01):
        seconds = cls.reload(gate, number, every)
        set_enabled(gate, number, "true")
        wait_until(lambda: login(gate, number), "the device to be let in again", 60, every=0.05)
        return seconds

    @staticmethod
    def reload(gate, number, every=0.01):
        """Seconds until a change shows that only the word to read everything again told of: its own word, which the
        trigger sends, is left out."""
        set_enabled(gate, number, "false", before="SET LOCAL session_replication_role = replica;",
                    after="NOTIFY xgate_directory, 'all';")
        return until_refused(gate, number, every)

    def lines(self):
        return [self.at_most(self.title, ("plain COPY … TO STDOUT of the same rows", "同样行的 COPY … TO STDOUT"),
                             self.ratio("seconds", "COPY seconds"), 1.3),
                self.at_most(self.LOGINS, ("the same without", "无快照时"),
                             self.ratio("login p50 ms meanwhile", "login p50 ms"), 1.1),
                self.at_most(self.LOGINS, ("the same during a plain COPY", "普通 COPY 期间"),
                             self.ratio("login p50 ms meanwhile", "login p50 ms beside a plain COPY"), 1.1)]


class Memory(Quantity):
    name = "memory"
    title = ("plugin memory per device, 1 M", "插件每台设备的内存（100 万台）")

    def round(self, stage):
        gate = parts.Gate(stage.folder, f"memory-{len(self.samples['bytes'])}", stage.directory("1M"))
        empty = parts.Gate(stage.folder, f"empty-{len(self.samples['bytes'])}", stage.directory("10k"))
        try:
            wait_until(lambda: login(gate, 1), "the plugin to know its devices", 60, every=0.2)
            few, many = stage.SIZES["10k"], stage.SIZES["1M"]
            parts.settle(gate.pid)
            base = self.status(empty, "VmRSS")
            each = (self.status(gate, "VmRSS") - base) / (many - few)
            pathlib.Path(f"/proc/{gate.pid}/clear_refs").write_text("5")
            Snapshot.reload(gate, 2)
            set_enabled(gate, 2, "true")
            highest = self.status(gate, "VmHWM")
            self.note("bytes", each)
            self.note("bytes at a swap", (highest - base + few * each) / many)
            # ProductID and DeviceSecret as bytes, and the NodeEui's characters
            self.note("bytes of its keys and secret", 4 + len(parts.node(0)) + 16)
        finally:
            gate.stop()
            empty.stop()

    @staticmethod
    def status(gate, field):
        text = pathlib.Path(f"/proc/{gate.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M).group(1)) * 1024

    def lines(self):
        beside = ("bytes of its keys and secret: %d" % self.median("bytes of its keys and secret"),
                  "其密钥与标识的字节数：%d" % self.median("bytes of its keys and secret"))
        return [self.at_most(self.title, beside, self.median("bytes"), 100, "B", 0),
                self.at_most((f"{self.title[0]}, during a swap", f"{self.title[1]}，切换期间"),
                             ("itself at rest", "自身平时"), self.ratio("bytes at a swap", "bytes"), 2)]


class Change(Quantity):
    name = "change"
    title = ("change visible in the plugin", "变更在插件中可见")

    def round(self, stage):
        gate = stage.bare()
        times = []
        for number in range(1000, 1000 + (40 if stage.quick else 150)):
            set_enabled(gate, number, "false")
            times.append(until_refused(gate, number) * 1000)
        gate.directory.database.sql(f"UPDATE device SET enabled = true WHERE product_id = '{parts.PRODUCTS['plain']}' "
                                    "AND NOT enabled")
        for time_ms in times:
            self.note("ms", time_ms)
        self.by_control(stage)

    def by_control(self, stage):
        """New devices of a product that registers: each logs in as soon as it has its reply."""
        gate = stage.whole()
        product = gate.service.api("POST", "/products?reveal=true", {"open_id": parts.OPEN_ID, "name": "type 0", "auth_type": 0,
                                                         "kind": "transparent", "encrypted": False})
        wait_until(lambda: self.may_ask(gate, product), "the plugin to know the product", 20, every=0.1)
        for number in range(20 if stage.quick else 50):
            self.note("let in at once", int(self.registers(gate, product, f"new{number:05d}")))

    @staticmethod
    def may_ask(gate, product):
        client = RawClient(gate.port)
        try:
            name = f"{product['product_id']}-new99999"
            return client.login(name, f"AUTH-{parts.OPEN_ID}-{product['product_id']}", product["product_key"]) == 0
        finally:
            client.close()

    @staticmethod
    def registers(gate, product, node):
        product_id, key = product["product_id"], product["product_key"]
        asker, operating = RawClient(gate.port), RawClient(gate.port)
        try:
            assert asker.login(f"{product_id}-{node}", f"AUTH-{parts.OPEN_ID}-{product_id}", key) == 0
            asker.subscribe(f"/sys/{parts.OPEN_ID}/{product_id}/{node}/downlink")
            asker.publish(AUTH_TOPIC, json.dumps({
                "MessageId": 1, "HeaderCtrl": 1, "Version": "2.0",
                "Payload": {"OpenID": parts.OPEN_ID, "ProductID": product_id, "NodeEui": node, "Type": 0}}), qos=1)
            _topic, body = asker.next_publish()
            secret = json.loads(body)["Payload"]["DeviceSecret"]
            return operating.login(f"V2_{product_id}.{node}_0_1", f"{parts.OPEN_ID}-{product_id}-{node}",
                                   v2_password(secret, product_id, node, key)) == 0
        finally:
            asker.close()
            operating.close()

    def lines(self):
        times = sorted(self.samples["ms"])
        p99 = times[int(len(times) * 0.99) - 1]
        tried, good = len(self.samples["let in at once"]), sum(self.samples["let in at once"])
        first = self.at_most((f"{self.title[0]}, p99", f"{self.title[1]}，p99"), ("commit", "提交"), p99, 20, "ms", 1)
        first.values = {"p50": round(statistics.median(times), 2), "p99": round(p99, 2), "samples": len(times)}
        return [first, Line((f"{self.title[0]} by $CONTROL", f"经 $CONTROL 的{self.title[1]}"),
                            ("the auth reply", "认证应答"), "before the next message · 先于下一条消息",
                            f"{good} of {tried} logins", good == tried, 1.0 if good == tried else 2.0, {})]
