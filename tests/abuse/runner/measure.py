# SPDX-License-Identifier: Apache-2.0
"""What an attack leaves behind: rows, memory, descriptors, stored sessions, and what the metrics count of limits.

Facts: rows (in all tables, less the innocents' messages and the
service's own ticks, a row a batch), broker_mib, service_mib, broker_descriptors, service_descriptors,
sessions and filters (stored in mosquitto.db), db_kib (its size), limited (what the metrics count of the row's LIMIT-n);
each is what it is more than before.
"""
import contextlib
import re
import signal
import struct

from stand import logs
from stand.processes import descriptors_of, resident_mib
from stand.waiting import DeadlinePassed, wait_until

from .scene import INNOCENTS

DESCRIPTORS = 6  # a service's pools open connections when they first need them
_SUBSCRIPTION, _CLIENT = 5, 6  # kinds of chunks in mosquitto.db
_LIMITED = re.compile(r'^xgate_limit_\w+_total\{(?:requirement|limit)="(LIMIT-\d+)".*\} (\S+)$', re.M)


def _chunks(data):
    """The kinds of all chunks of a mosquitto.db of Mosquitto 2."""
    assert data[:15] == b"\x00\xb5\x00mosquitto db", data[:15]
    at, found = 23, []
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("!II", data, at)
        found.append(kind)
        at += 8 + length
    return found


class Measure:
    def __init__(self, scene):
        self.scene, self.stand = scene, scene.stand
        self._logs = logs.Watch(self.stand)
        self._tables = [row[0] for row in self.stand.database.sql(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace AND relname <> 'tick'")]
        self.before = self._now()

    def _rows(self):
        rows = self.stand.database.sql(" UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM {table}" +
            (f" WHERE node_eui NOT IN {INNOCENTS}" if table == "message" else "") for table in self._tables))
        return {table: int(count) for table, count in rows}

    def _stored(self):
        """What the broker would find after a restart."""
        path = self.stand.broker.folder / "mosquitto.db"
        before = path.stat().st_ino if path.exists() else None
        self.stand.broker.process.send_signal(signal.SIGUSR1)  # saves it
        wait_until(lambda: path.exists() and path.stat().st_ino != before, "mosquitto.db")
        data = path.read_bytes()
        kinds = _chunks(data)
        return {"sessions": kinds.count(_CLIENT), "filters": kinds.count(_SUBSCRIPTION), "db_kib": len(data) // 1024}

    def limits(self):
        metrics = self.stand.service.request("GET", "/metrics", token=None).body.decode()
        found = {}
        for limit, count in _LIMITED.findall(metrics):
            found[limit] = found.get(limit, 0) + float(count)
        return found

    def _now(self):
        found = {"tables": self._rows(), "limits": self.limits(), **self._stored()}
        for name, part in (("broker", self.stand.broker), ("service", self.stand.service)):
            pid = part.process.pid
            found |= {f"{name}_mib": resident_mib(pid), f"{name}_descriptors": descriptors_of(pid), f"{name}_pid": pid}
        return found

    def since(self, attack):
        """The facts, and the faults that no attack may cause."""
        faults = [f"the {name} has ended with {part.process.popen.returncode}" for name, part in
                  (("broker", self.stand.broker), ("service", self.stand.service)) if not part.process.running()]
        if faults:
            return {}, faults
        self._await_descriptors(faults)
        self.scene.settle()
        if "limited_at_least" in attack.holds:
            self._await_limit(attack.requirement)
        if "sessions_at_most" in attack.holds:
            self._await_sessions(attack.holds["sessions_at_most"])
        answer = self.stand.service.request("GET", "/readyz", token=None)
        if answer.status != 200:
            faults.append(f"/readyz: {answer}")
        return self._facts(attack.requirement), faults + self._logs.faults()

    def _await_sessions(self, most):
        """The service ends what an AUTH- login has left, a few at a time."""
        with contextlib.suppress(DeadlinePassed):
            wait_until(lambda: self._stored()["sessions"] - self.before["sessions"] <= most, "sessions", 5, every=0.2)

    def _await_limit(self, requirement):
        """The broker tells what it has counted once a second."""
        before = self.before["limits"].get(requirement, 0)
        with contextlib.suppress(DeadlinePassed):
            wait_until(lambda: self.limits().get(requirement, 0) > before, requirement, 5, every=0.1)

    def _facts(self, requirement):
        before, now = self.before, self._now()
        self.before = now
        tables = {table: count - before["tables"][table] for table, count in now["tables"].items()
                  if count != before["tables"][table]}
        facts = {name: round(now[name] - before[name], 1) for name in now if type(now[name]) in (int, float)
                 and not name.endswith("_pid")}
        limited = now["limits"].get(requirement, 0) - before["limits"].get(requirement, 0)
        return {"rows": sum(tables.values()), **facts, "limited": int(limited), "tables": tables}

    def _await_descriptors(self, faults):
        for name, part in (("broker", self.stand.broker), ("service", self.stand.service)):
            most = self.before[f"{name}_descriptors"] + DESCRIPTORS
            try:
                wait_until(lambda: descriptors_of(part.process.pid) <= most, "descriptors", 10, every=0.05)
            except DeadlinePassed:
                faults.append(f"the {name} holds {descriptors_of(part.process.pid)} descriptors; {most} were allowed")
