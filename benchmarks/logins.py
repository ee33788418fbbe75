# SPDX-License-Identifier: Apache-2.0
from quantity import Quantity, cost

AT_ONCE = 32


def storm(stage, gate, *names):
    return gate.load("connect", "plain", "--connections", AT_ONCE, "--duration", stage.seconds(3), "--warmup", 0.3,
                     *gate.watched(*names))


class Login(Quantity):
    name = "login"
    title = ("V2_ login, broker CPU, 1 M devices known", "V2_ 登录的 broker CPU（已知 100 万台设备）")
    OTHERS = {"anonymous": 1.10, "password_file": 0.45, "dynamic-security": 0.45}

    def round(self, stage):
        for kind in self.OTHERS:
            made = stage.other(kind).load("connect", "--connections", AT_ONCE, "--duration", stage.seconds(3),
                                          "--warmup", 0.3)
            self.note(kind, cost(made, "broker"))
            self.note(f"{kind}, logins/s", made["rate"])
        made = storm(stage, stage.bare(), "broker")
        self.note("V2_", cost(made, "broker"))
        self.note("V2_, logins/s", made["rate"])
        self.note("V2_ with its service, broker", cost(storm(stage, stage.whole(), "broker"), "broker"))

    def lines(self):
        names = {"anonymous": ("anonymous broker", "匿名 broker"), "password_file": ("password_file", "password_file"),
                 "dynamic-security": ("dynamic-security", "dynamic-security")}
        return [self.at_most(self.title, names[kind], self.ratio("V2_", kind), limit)
                for kind, limit in self.OTHERS.items()]


class Publish(Quantity):
    name = "publish"
    title = ("publish with topic rules, broker CPU", "带主题规则的发布，broker CPU")

    def round(self, stage):
        options = ["--connections", 200, "--duration", stage.seconds(3), "--warmup", 0.3]
        made = stage.other("anonymous").load("publish", *options)
        self.note("anonymous", cost(made, "broker"))
        self.note("anonymous, messages/s", made["rate"])
        gate = stage.bare()
        made = gate.load("publish", "plain", *options, *gate.watched("broker"))
        self.note("with topic rules", cost(made, "broker"))
        self.note("with topic rules, messages/s", made["rate"])

    def lines(self):
        return [self.at_most(self.title, ("anonymous broker", "匿名 broker"),
                             self.ratio("with topic rules", "anonymous"), 1.05)]


class GrowthOfDevices(Quantity):
    name = "growth-devices"
    title = ("growth from 10 k over 100 k to 1 M devices", "设备数从 1 万、10 万增长到 100 万")
    FLAT = 1.10

    def round(self, stage):
        for size in stage.SIZES:
            self.note(f"login {size}", cost(storm(stage, stage.bare(size), "broker"), "broker"))
        for size in stage.SIZES:
            gate = stage.whole(size)
            made = gate.load("uplink", "plain", "--connections", 500, "--rate", 2000, "--duration", stage.seconds(3),
                             "--warmup", 0.5, *gate.watched("broker", "service", "postgres"))
            self.note(f"uplink {size}", cost(made, "broker", "service"))

    def lines(self):
        def worst(what):
            return max(self.ratio(f"{what} {size}", f"{what} 10k") for size in ("100k", "1M"))
        return [self.at_most((f"{english}, {self.title[0]}", f"{chinese}，{self.title[1]}"),
                             ("itself at 10 k", "自身（1 万台时）"), worst(what), self.FLAT)
                for what, english, chinese in (("login", "login, broker CPU", "登录的 broker CPU"),
                                               ("uplink", "uplink, broker and service CPU",
                                                "上行的 broker 与服务 CPU"))]


class GrowthOfConnections(Quantity):
    name = "growth-connections"
    title = ("uplink at 2,000/s, broker and service CPU, from 1 over 100 to 10,000 connections",
             "2000 条/秒上行时的 broker 与服务 CPU，连接数从 1、100 增长到 10000")
    COUNTS = (1, 100, 10_000)

    def round(self, stage):
        gate = stage.whole()
        for count in self.COUNTS:
            made = gate.load("uplink", "plain", "--connections", count, "--rate", 2000, "--duration", stage.seconds(4),
                             "--warmup", 1, *gate.watched("broker", "service", "postgres"))
            self.note(f"{count} connections", cost(made, "broker", "service"))
            self.note(f"{count} connections, broker", cost(made, "broker"))
            self.note(f"{count} connections, service", cost(made, "service"))

    def lines(self):
        worst = max(self.ratio(f"{count} connections", "1 connections") for count in self.COUNTS[1:])
        return [self.at_most(self.title, ("itself with 1 connection", "自身（1 个连接时）"), worst, 1.10)]
