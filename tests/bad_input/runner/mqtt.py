# SPDX-License-Identifier: Apache-2.0
"""Rows that are MQTT packets, and rows that are logins.

A packet row: `on` says what has happened on its connection before (socket: nothing; v2 or auth, with -5 for MQTT 5: the
attacker's good login), `send` the packet, `cut = true` that every beginning of it is sent alone. Where it is easier,
`publish`, `subscribe` or `will` name a topic instead. `expect`: the packets that came back, then "open" where the
broker still answers a ping and "closed" where it does not; of cut packets all until the end, or "silence".
A login row: `id`, `user`, `password` (those of a fresh device of type `type` at `time` unless said otherwise).
"""
from stand import crypto

from . import connection as wire
from .notation import packet, shown, text
from .scene import View

INTRUDER = b"intruder"



class MqttCases:
    def __init__(self, scene):
        self.scene, self.port = scene, scene.stand.broker.port
        self._count = 0
        self._recorded = []  # (case, address, requirement, what is wrong with it so far)

    def _address(self):
        """One of its own for every case, so that nobody pays for another's failures, and refusals are told apart."""
        self._count += 1
        return f"127.{1 + self._count // 64516 % 200}.{1 + self._count // 254 % 254}.{1 + self._count % 254}"

    def run(self, case):
        """(what was sent, what came) of every part of the case: one, or one for each cut."""
        return self._login(case) if case.area.kind == "login" else self._packets(case)

    # -- packets
    def _enter(self, case, device, address):
        connection = wire.Connection(self.port, address)
        on, _, version = case.get("on", "v2").partition("-")
        connection.level = 5 if version == "5" or case.get("level") == 5 else 4
        if on == "v2":
            connection.login(connection.level, *device.v2_credentials(), **self._will(case, device))
        elif on == "auth":
            connection.login(connection.level, *device.auth_credentials(), **self._will(case, device))
        return connection

    def _will(self, case, device):
        if not case.get("will"):
            return {}
        return {"will": {"topic": text(case.will, View(self.scene, device)), "payload": INTRUDER,
                         "retain": case.get("retain", False), "qos": case.get("qos", 1)}}

    def _packets(self, case):
        device = self.scene.devices[case.get("device", "attacker")]
        view = View(self.scene, device)
        if case.get("will"):
            yield from self._leave_will(case, device)
            return
        level = 5 if case.get("on", "v2").endswith("-5") else 4
        if case.get("publish"):
            data = wire.publish(level, text(case.publish, view), INTRUDER, case.get("qos", 1), case.get("retain", False))
        elif case.get("subscribe"):
            data = wire.subscribe(level, text(case.subscribe, view))
        else:
            data = packet(case.send, view)
        if not case.get("cut"):
            yield self._one(case, device, data, half=False)
            return
        for size in range(len(data)):
            yield self._one(case, device, data[:size], half=True, where=f"@{size}")

    def _one(self, case, device, data, half, where=""):
        address = self._address()
        connection = self._enter(case, device, address)
        try:
            connection.send(data)
            came = connection.outcome(half)
        finally:
            connection.close()
        self._note(case, address)
        return where, shown(data), came

    def _leave_will(self, case, device):
        """Logs in with the will and goes without a word, so that the broker has to publish it."""
        address = self._address()
        try:
            connection = self._enter(case, device, address)
        except wire.NotLetIn as refused:
            came = refused.came
        else:
            connection.end_sending()
            came = "CONNACK 00" if connection.receive() is None else "more than a CONNACK"
            connection.close()
        self._note(case, address)
        yield "", f"will on {case.will}", came

    # -- logins
    def _login(self, case):
        device = self.scene.devices[case.device] if case.get("device") else self.scene.fresh_device()
        kind, seconds = case.get("type", 0), case.get("time", "1675404867")
        view = View(self.scene, device)
        time_text = text(seconds, view)
        right = self._password(device, kind, time_text)
        view.more = {"time": time_text, "right": right, "lower_right": right.lower(), "cut_right": right[:-2]}
        credentials = [text(case.get(name, default), view) for name, default in (
            ("id", f"V2_${{P}}.${{N}}_{kind}_${{time}}"), ("user", "${O}-${P}-${N}"), ("password", "${right}"))]
        credentials = [None if value == b"none" else value for value in credentials]
        self.scene.stand.keep_secret(right, f"MQTT password of {device.name}")
        if case.get("after"):
            self._before(device, case.after, credentials, view)
        address = self._address()
        connection = wire.Connection(self.port, address)
        connection.level = case.get("level", 4)
        data = wire.connect(connection.level, credentials[0] or b"", *credentials[1:])
        connection.send(data)
        came = connection.outcome()
        connection.close()
        self._note(case, address)
        yield "", f"id={shown(credentials[0] or b'')} user={shown(credentials[1] or b'')}", came

    @staticmethod
    def _password(device, kind, time_text):
        """As V2-2 wants it, also of timestamps that are none."""
        plain = f"{device.product.product_id}.{device.node_eui}_{device.product.product_key}".encode()
        if kind:
            plain += b"_" + time_text
        return crypto.aes_ecb_encrypt(bytes.fromhex(device.device_secret), plain).hex().upper()

    def _before(self, device, what, credentials, view):
        """`same`: this very login, twice; `time:…`: one of that time; `offline`: one that has ended."""
        connection = wire.Connection(self.port, self._address())
        if what.startswith("time:"):
            stamp = text(what[5:], view)
            credentials = [text("V2_${P}.${N}_1_", view) + stamp, text("${O}-${P}-${N}", view),
                           self._password(device, 1, stamp)]
        elif what == "offline":
            credentials = list(device.v2_credentials())
        connection.login(4, *credentials)
        if what == "offline":
            connection.send(wire.DISCONNECT)
            assert connection.receive() is None
        connection.close()

    # -- what the operator reads
    def _note(self, case, address):
        if case.get("record"):
            self._recorded.append((case, address))

    def unrecorded(self):
        """(case, came) of rows whose refusal was not told as they say; waits for the last to be stored."""
        pending, self._recorded = self._recorded, []
        if not pending:
            return []
        self.scene.stand.service.items("/refusals", limit=1)
        wanted = {address: case.record for case, address in pending}
        found = {}

        def stored():
            found.clear()
            for address, requirement, reason in self.scene.stand.database.sql(
                    "SELECT address, requirement, reason FROM refusal ORDER BY sequence"):
                found.setdefault(address, []).append((requirement, reason))
            return all(address in found for address in wanted)
        from stand.waiting import DeadlinePassed, wait_until
        try:
            wait_until(stored, "the refusals on record", 10, every=0.1)
        except DeadlinePassed:
            pass
        return [(case, "on record: " + (" / ".join(f"{r} {why}" for r, why in found.get(address, [])) or "nothing"))
                for case, address in pending
                if not any(requirement == case.record for requirement, _ in found.get(address, []))]
