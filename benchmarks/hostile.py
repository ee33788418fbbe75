# SPDX-License-Identifier: Apache-2.0
"""What hostile parsing scripts cost other products: their latency beside the same messages of scripts that do nothing bad."""
import concurrent.futures

import parts
from quantity import Quantity
from stand import hex_product

# One product each, all at once; names in tests/data/hostile_scripts.txt.
KINDS = ("endless loop in try, catch and finally", "endless loop that catches and goes on",
         "catastrophic regular expression", "huge array", "deep recursion", "a constructor's constructor")
# Some milliseconds a call, and never over a limit.
SLOW = "function rawDataToProtocol(bytes) { for (var i = 0; i < 300000; i++) { } return {}; }"
DEVICES = 4  # of each of them
A_SECOND = 5  # messages of each device
GOOD = {"plain": 400, "hex": 200}  # messages a second of the products that are measured
SHARES = ("p50", "p99", "max")


class Hostile(Quantity):
    name = "hostile"
    title = ("ack latency of other products beside seven hostile scripts", "七个恶意脚本旁其他产品的应答延迟")

    def round(self, stage):
        gate = stage.whole()
        found = stage.known.setdefault("hostile", None) or self.prepare(stage, gate)
        good = {product: hex_product.DEMO for product in found["scripts"]}
        # in turns, also in who is first, so that what drifts drifts for both
        turns = [("good", good), ("hostile", found["scripts"])]
        if self.samples and len(next(iter(self.samples.values()))) % 2:
            turns.reverse()
        for when, scripts in turns:
            for product, source in scripts.items():
                put_script(gate, product, source)
            for kind, latency in self.measure(stage, gate, found["devices"]).items():
                for share in SHARES:
                    self.note(f"{kind} {share} ms, {when} scripts", latency[share] / 1000)

    @staticmethod
    def prepare(stage, gate):
        sources = {name: source for name, _, source in hex_product.hostile_scripts()}
        scripts, lines = {}, []
        for source in [sources[name] for name in KINDS] + [SLOW]:
            product = gate.service.api("POST", "/products?reveal=true", {"open_id": parts.OPEN_ID, "name": "hostile", "auth_type": 1,
                                                             "kind": "hex"})
            scripts[product["product_id"]] = source
            for number in range(DEVICES):
                device = gate.service.api("POST", f"/products/{product['product_id']}/devices?reveal=true",
                                          {"node_eui": parts.node(number)})
                lines.append(",".join((parts.OPEN_ID, product["product_id"], parts.node(number), product["product_key"],
                                       device["device_secret"])))
        devices = gate.folder / "hostile-devices"
        devices.write_text("\n".join(lines) + "\n", encoding="utf-8")
        devices.chmod(0o600)
        stage.known["hostile"] = {"scripts": scripts, "devices": devices}
        return stage.known["hostile"]

    @staticmethod
    def measure(stage, gate, devices):
        """Latencies of the good products, and of those whose scripts may be hostile."""
        seconds = stage.seconds(12)
        count = len(devices.read_text(encoding="utf-8").splitlines())
        with concurrent.futures.ThreadPoolExecutor() as pool:
            beside = pool.submit(parts.load, "uplink", "--port", gate.port, "--devices", devices, "--payload", "hex",
                                 "--connections", count, "--rate", count * A_SECOND, "--duration", seconds + 3)
            good = {kind: pool.submit(gate.load, "uplink", kind, "--payload", kind, "--connections", 100, "--rate", rate,
                                      "--warmup", 2, "--duration", seconds) for kind, rate in GOOD.items()}
            made = {kind: one.result() for kind, one in good.items()}
            beside = beside.result()
        for kind, one in made.items():
            if one["refused"] or one["timed_out"] or one["unanswered"]:
                raise RuntimeError(f"messages of the {kind} product were not answered: {one}")
        return {**{kind: one["latency_us"] for kind, one in made.items()}, "their own": beside["latency_us"]}

    def lines(self):
        names = {"plain": ("plain uplink", "明文上行"), "hex": ("HEX report", "HEX 上报")}
        beside = ("the same with good scripts", "脚本正常时")
        lines = []
        for kind, title in names.items():
            for share, limit in (("p50", 1.1), ("p99", 1.25)):
                lines.append(self.at_most((f"{share}, {title[0]}: {self.title[0]}", f"{share}，{title[1]}：{self.title[1]}"),
                                          beside, self.ratio(f"{kind} {share} ms, hostile scripts",
                                                             f"{kind} {share} ms, good scripts"), limit))
        return lines


def put_script(gate, product, source):
    answer = gate.service.request("PUT", f"/api/v1/products/{product}/script", source, content_type="text/javascript")
    if answer.status not in (200, 201):
        raise RuntimeError(f"a script was not taken: {answer}")
