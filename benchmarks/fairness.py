# SPDX-License-Identifier: Apache-2.0
"""What others notice of a device that floods: their latency beside it, and without it (LIMIT-1)."""
import concurrent.futures
import threading

import parts
from quantity import Quantity
from stand import crypto
from stand.raw_mqtt import RawClient, connect_packet, encode_packet, encode_string

RATE = 400  # messages a second of a hundred devices that keep within their limits
SHARES = ("p50", "p99", "max")


class Flood:
    """One device that sends as fast as the broker reads, and comes back when it is thrown out, until it is stopped."""

    def __init__(self, gate, number):
        product, node = parts.PRODUCTS["plain"], parts.node(number)
        secret = parts.digest(product, node)[:16].hex().upper()
        self._connect = connect_packet(f"V2_{product}.{node}_0_1675404867", f"{parts.OPEN_ID}-{product}-{node}",
                                       crypto.v2_password(secret, product, node, parts.PRODUCT_KEY, None))
        topic = encode_string(f"/sys/{parts.OPEN_ID}/{product}/{node}/uplink")
        message = b'{"MessageId":1,"HeaderCtrl":4,"Payload":{"a":1},"Version":"2.0"}'
        self._port, self._chunk = gate.port, encode_packet(0x30, topic + message) * 500
        self._stopped = threading.Event()
        self.sent = self.sessions = 0

    def run(self):
        while not self._stopped.is_set():
            try:
                client = RawClient(self._port)
                client.send(self._connect)
                accepted = client.receive()
                if accepted and accepted[1][1] == 0:
                    self.sessions += 1
                    while not self._stopped.is_set():
                        client.send(self._chunk)
                        self.sent += 500
            except OSError:
                pass
            self._stopped.wait(0.02)

    def stop(self):
        self._stopped.set()


class Fairness(Quantity):
    name = "fairness"
    title = ("ack latency beside a device that floods", "一台设备洪泛时其他设备的应答延迟")

    def round(self, stage):
        gate = stage.limited()
        turns = [("alone", False), ("beside", True)]
        if self.samples and len(next(iter(self.samples.values()))) % 2:
            turns.reverse()
        for when, floods in turns:
            for share, value in self.measure(stage, gate, floods).items():
                self.note(f"{share} ms, {when}", value / 1000)

    @staticmethod
    def measure(stage, gate, floods):
        flood = Flood(gate, gate.directory.count("plain") - 1)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            beside = pool.submit(flood.run) if floods else None
            made = gate.load("uplink", "plain", "--payload", "plain", "--connections", 100, "--rate", RATE, "--warmup", 2,
                             "--duration", stage.seconds(12))
            flood.stop()
            if beside:
                beside.result()
        if floods and (flood.sessions < 2 or flood.sent < 10_000):
            raise RuntimeError(f"it did not flood: {flood.sent} messages in {flood.sessions} sessions")
        if made["refused"] or made["timed_out"] or made["unanswered"]:
            raise RuntimeError(f"messages of devices within their limits were not answered: {made}")
        return {share: made["latency_us"][share] for share in SHARES}

    def lines(self):
        return [self.at_most((f"{share}, {self.title[0]}", f"{share}，{self.title[1]}"),
                             ("without it", "没有洪泛时"), self.ratio(f"{share} ms, beside", f"{share} ms, alone"), limit)
                for share, limit in (("p50", 1.5), ("p99", 2))]
