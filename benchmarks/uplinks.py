# SPDX-License-Identifier: Apache-2.0
import statistics

from quantity import Quantity, cost

CLOSED = ["--connections", 500, "--window", 4, "--warmup", 0.5]
NAMES = {"plain": ("plain", "明文"), "encrypted": ("encrypted", "加密"),
         "model": ("thing-model JSON", "物模型 JSON"), "hex": ("HEX", "HEX")}


def closed(stage, gate, kind, *names):
    return gate.load("uplink", kind, "--payload", kind, *CLOSED, "--duration", stage.seconds(4), *gate.watched(*names))


class Uplinks(Quantity):
    name = "uplinks"
    title = ("uplink → stored → acked, acks/s", "上行 → 入库 → 应答，应答/秒")
    FLOORS = {"plain": 0.95, "encrypted": 0.90, "model": 0.85}

    def round(self, stage):
        for kind in self.FLOORS:
            made = closed(stage, stage.echo(), kind, "broker", "echo")
            self.note(f"{kind} echo, acks/s", made["rate"])
            self.note(f"{kind} echo, broker", cost(made, "broker"))
            self.note(f"{kind} echo, echo", cost(made, "echo"))
            self.serve(stage, stage.whole(), kind)
        made = closed(stage, stage.one_by_one(), "plain", "broker", "service", "postgres")
        self.note("one commit a message, acks/s", made["rate"])
        self.note("generator", cost(made, "generator"))
        stage.known["ceiling"] = statistics.median(self.samples["plain, acks/s"])

    def serve(self, stage, gate, kind):
        made = closed(stage, gate, kind, "broker", "service", "postgres")
        self.note(f"{kind}, acks/s", made["rate"])
        for part in ("broker", "service", "postgres"):
            self.note(f"{kind}, {part}", cost(made, part))

    def lines(self):
        echo = ("the same pipeline without a database (echo)", "无数据库的同一管道（echo）")
        lines = [self.at_least((f"{self.title[0]}, {NAMES[kind][0]}", f"{self.title[1]}，{NAMES[kind][1]}"), echo,
                               self.ratio(f"{kind}, acks/s", f"{kind} echo, acks/s"), floor)
                 for kind, floor in self.FLOORS.items()]
        lines.append(self.at_least(self.title, ("one commit a message", "每条消息一次提交"),
                                   self.ratio("plain, acks/s", "one commit a message, acks/s"), 4))
        lines.append(self.at_most(("service CPU per uplink", "每条上行的服务 CPU"),
                                  ("broker CPU per uplink", "每条上行的 broker CPU"),
                                  self.ratio("plain, service", "plain, broker"), 0.35))
        return lines


class Latency(Quantity):
    name = "latency"
    title = ("ack latency at 25 % of the ceiling, open loop", "25% 上限负载下的应答延迟（开环）")

    def round(self, stage):
        if "ceiling" not in stage.known:
            stage.known["ceiling"] = closed(stage, stage.whole(), "plain", "broker")["rate"]
        rate = round(stage.known["ceiling"] / 4)
        for name, gate in (("echo", stage.echo()), ("service", stage.whole())):
            made = gate.load("uplink", "plain", "--connections", 500, "--rate", rate, "--duration", stage.seconds(6),
                             "--warmup", 1)
            for share in ("p50", "p99", "p999"):
                self.note(f"{name} {share}", made["latency_us"][share] / 1000)
        self.note("rate", rate)

    def lines(self):
        lines = []
        for share, limit in (("p50", 2), ("p99", 15)):
            title = (f"{share}, {self.title[0]}", f"{share}，{self.title[1]}")
            lines.append(self.at_most(title, ("–", "–"), self.median(f"service {share}"), limit, "ms"))
            lines.append(self.at_most(title, ("echo without database", "无数据库的 echo"),
                                      self.ratio(f"service {share}", f"echo {share}"), 1.5))
        return lines


class Hex(Quantity):
    name = "hex"
    title = ("HEX report through a script, service CPU", "经脚本的 HEX 上报，服务 CPU")

    def round(self, stage):
        gate = stage.whole()
        for kind in ("model", "hex"):
            pids = gate.watched("broker", "service")
            scripts = [f"script{number}={pid}" for number, pid in enumerate(gate.service.script_processes())]
            made = gate.load("uplink", kind, "--payload", kind, *CLOSED, "--duration", stage.seconds(4), *pids,
                             *(word for script in scripts for word in ("--watch", script)))
            self.note(kind, cost(made, "service"))
            self.note(f"{kind}, acks/s", made["rate"])
            self.note(f"{kind}, in script processes", sum(
                cost(made, name) for name in made["processor"] if name.startswith("script")))

    def lines(self):
        calls = self.median("hex, in script processes")
        return [self.at_most(self.title, ("JSON report", "JSON 上报"), self.ratio("hex", "model"), 2),
                # what a call is allowed by the sandbox is 50 ms; what it takes is the interpreter's
                self.at_most(("one call of a script, CPU of the script process", "一次脚本调用，脚本进程的 CPU"),
                             ("a new heap for every call: about 200 µs", "每次调用新建堆：约 200 µs"), calls, 20, "µs", 1)]
