# SPDX-License-Identifier: Apache-2.0
"""What must be true after a round, whatever was broken in it. Every check yields complaints; none says that all is well."""
import collections

from stand import logs

_SHOWN = 5
# What a part may have more than at its first measurement. The broker's allocator keeps what it once needed for a full
# queue, the service's threads each keep an arena; descriptors are counted exactly but for a script process that is just
# being replaced.
_MEMORY_FACTOR, _MEMORY_KB = 1.5, 48 * 1024
_DESCRIPTORS = 6


def _some(items):
    shown = sorted(map(str, items))[:_SHOWN]
    return f"{len(items)}: {', '.join(shown)}{' …' if len(items) > _SHOWN else ''}"


class Stored:
    """What the database holds of this round."""

    def __init__(self, site, after):
        self.rows = collections.defaultdict(list)  # (device, MessageId): of each row whether it was redelivered
        self.accepted = set()
        self.last = after
        for sequence, device, message_id, topic, redelivered, code in site.sql(
                f"""SELECT sequence, product_id || '.' || node_eui, message_id, topic, redelivered, coalesce(code, '')
                    FROM message WHERE sequence > {after} ORDER BY sequence"""):
            self.last = int(sequence)
            key = (device, int(message_id) if message_id.isdigit() else message_id or f"none, {topic}")
            self.rows[key].append(redelivered == "t")
            if code in ("200", ""):
                self.accepted.add(key)

    def redelivered(self):
        return sum(sum(marks) for marks in self.rows.values())


class Before:
    """What was on record when the round began, and what earlier rounds stored."""

    def __init__(self):
        self.acked, self.taken, self.refused = frozenset(), frozenset(), {}
        self.unmarked = collections.Counter()  # (device, MessageId): rows that are not marked as redelivered
        self.last = 0

    def begin(self, record):
        self.acked, self.taken, self.refused = frozenset(record.acked), frozenset(record.taken), dict(record.refused)


def messages(record, before, stored, fault, refusable=frozenset()):
    """acked − stored = ∅, stored − sent = ∅, and nothing twice that is not marked so."""
    acked = record.acked - before.acked
    if lost := acked - stored.accepted:
        yield f"acked and not stored: {_some(lost)}"
    if invented := set(stored.rows) - set(record.sent):
        yield f"stored and never sent: {_some(invented)}"
    for key, marks in stored.rows.items():
        before.unmarked[key] += marks.count(False)
    if twice := {key for key in stored.rows if before.unmarked[key] > record.sent.get(key, 0) > 0}:
        yield f"stored more often than said, and not marked as redelivered: {_some(twice)}"
    taken = record.taken - before.taken
    if not fault.broker_may_lose and (dropped := taken - set(stored.rows) - set(before.unmarked)):
        yield f"taken by the broker, which did not die, and not stored: {_some(dropped)}"
    refused = {key: what for key, what in record.refused.items()
               if key not in before.refused and key[0] not in refusable}
    if refused:
        yield f"good messages refused: {_some(refused.items())}"


def presence(site, population, loaded=False):
    """Who is connected is online, nobody else; but for the load's devices while it runs."""
    but = f"AND d.product_id <> '{site.bulk.product_id}'" if loaded else ""
    rows = site.sql(f"""SELECT d.product_id || '.' || d.node_eui FROM presence p JOIN device d USING (device_id)
                        WHERE p.online {but}""")
    online, connected = {row[0] for row in rows}, population.connected()
    if missing := connected - online:
        yield f"connected and not online: {_some(missing)}"
    if ghosts := online - connected:
        yield f"online and not connected: {_some(ghosts)}"


_COMMANDS = """
SELECT c.command_id, d.product_id || '.' || d.node_eui, c.message_id, coalesce(c.idempotency_key, ''), c.state, c.tries,
       c.sent_at IS NOT NULL, c.settled_at IS NOT NULL, c.expires_at <= coalesce(c.settled_at, now()), c.kind, coalesce(c.code, '')
FROM command c JOIN device d USING (device_id)"""


def commands(site, record, application, stored_ever, unjudged=frozenset()):
    """Each command's state follows from what the application was promised and the device heard and said. `unjudged`:
    those that expired by a clock that was wrong."""
    rows = site.sql(_COMMANDS)
    known = {(row[1], int(row[2])): row for row in rows}
    if lost := set(application.promised) - {int(row[0]) for row in rows}:
        yield f"commands promised by a 201 and not stored: {_some(lost)}"
    keys = collections.Counter((row[1], row[3]) for row in rows if row[3])
    if twice := [key for key, count in keys.items() if count > 1]:
        yield f"commands made twice under one Idempotency-Key: {_some(twice)}"
    if unknown := set(record.commands) - set(known):
        yield f"commands that devices got and the database does not know: {_some(unknown)}"
    for key, row in known.items():
        state, tries, sent, settled, expired, kind, code = row[4], int(row[5]), *row[6:11]
        if state == "expired" and row[0] in unjudged:
            continue
        if why := _unexplained(record.commands.get(key, []), key in stored_ever, state, tries, sent == "t",
                               settled == "t", expired == "t", kind, code):
            yield f"command {row[0]} ({kind}) of {key} is {state} with {tries} tries, but {why}"


def _unexplained(heard, answer_stored, state, tries, sent, settled, expired, kind, code):
    """Why this state does not follow from its history; None where it does."""
    if heard and tries == 0:
        return "the device got it before it was stored as sent"
    if kind == "down" and sent != (tries > 0) or state == "queued" and sent:
        return "that does not fit its times"
    if state == "done" and kind == "down" and ("answered" not in heard or code != "200"):
        return f"the device did not answer it so (code {code!r})"
    if state == "done" and kind == "down" and not answer_stored:
        return "the answer is not among the messages"
    if kind == "down" and answer_stored and "answered" in heard and state not in ("done",):
        return "its answer is stored"
    if state == "expired" and not expired:
        return "its time is not over"
    if state == "failed" or state == "cancelled" and kind == "down":
        return "nobody refused or cancelled it"
    if not settled and "answered" not in heard and heard:
        return "the device got it, is there, and has not answered"
    return None


def open_commands(site, application):
    """Those that a device which is there should have settled by now."""
    absent = ", ".join(map(str, application.absent)) or "0"
    return site.sql(f"""
        SELECT c.command_id, d.node_eui, c.message_id, c.state, c.tries, c.due_at, c.sent_at FROM command c JOIN device d
        USING (device_id) WHERE settled_at IS NULL AND kind = 'down' AND command_id NOT IN ({absent})""")


def live_upgrades(site):
    return site.sql("""
        SELECT d.node_eui, j.version, u.state, u.down_id, u.notified_at, u.confirmed_at, u.download_started_at,
               (SELECT string_agg(c.kind || ' ' || c.state || ' ' || c.tries, ', ') FROM command c
                WHERE c.device_id = u.device_id AND c.settled_at IS NULL)
        FROM upgrade u JOIN upgrade_job j USING (job_id) JOIN device d USING (device_id) WHERE ended_at IS NULL""")


def expired_commands(site):
    return {row[0] for row in site.sql("SELECT command_id FROM command WHERE state = 'expired'")}


_UPGRADES = """
SELECT u.upgrade_id, d.product_id || '.' || d.node_eui, j.version, u.state, u.down_id, u.version_after,
       u.notified_at IS NOT NULL, u.confirmed_at IS NOT NULL, u.download_started_at IS NOT NULL,
       u.ended_at IS NOT NULL, u.bytes_sent, j.size
FROM upgrade u JOIN upgrade_job j USING (job_id) JOIN device d USING (device_id)"""


def upgrades(site, record, uncounted):
    """Each upgrade's state follows from what its device did, in the order in which it did it."""
    for row in site.sql(_UPGRADES):
        _, device, version, state, down_id, after = row[:6]
        notified, confirmed, started, ended = (mark == "t" for mark in row[6:10])
        did = record.upgrades[device]
        downloaded = ("downloaded", down_id) in did and version not in uncounted
        faults = [
            (confirmed and ("confirmed", down_id) not in did, "the device never confirmed it"),
            (("notified", down_id) in did and not notified, "the device was notified before that was stored"),
            (started and ("confirmed", down_id) not in did, "the device never began to download"),
            (downloaded and not started, "the device has downloaded it"),
            (downloaded and int(row[10]) < int(row[11]), f"only {row[10]} bytes were counted"),
            (state == "succeeded" and (after != version or ("reported", version) not in did),
             "the device never reported the version"),
            (state in ("failed", "cancelled", "timed_out"), "the device did as it was told, and in time"),
            (ended != (state in ("succeeded", "failed", "timed_out", "cancelled")), "its times do not fit"),
        ]
        for wrong, why in faults:
            if wrong:
                yield f"upgrade of {device} to {version} is {state}, but {why}"


def resources(first, now):
    """Memory and descriptors back to where they were."""
    for name, measured in now.items():
        was = first[name]
        if measured.memory_kb > was.memory_kb * _MEMORY_FACTOR + _MEMORY_KB:
            yield f"{name} has {measured.memory_kb} kB of memory, at first it had {was.memory_kb}"
        if measured.descriptors > was.descriptors + _DESCRIPTORS:
            yield f"{name} has {measured.descriptors} descriptors, at first it had {was.descriptors}"


def processes(site, statuses, logs_read):
    """Nobody died who was not killed, and nobody said that something is wrong inside."""
    for part in (*site.parts(), site.cluster):
        if not part.process.running():
            yield f"{part.process.name} has ended with {part.process.popen.returncode}"
    yield from statuses
    for path in sorted(site.folder.glob("*.log")):
        with open(path, "rb") as file:
            file.seek(logs_read.get(path, 0))
            text = file.read()
        logs_read[path] = logs_read.get(path, 0) + len(text)
        if report := logs.find_sanitizer_report(text.decode("utf-8", "replace")):
            yield f"{path.name}: {report}"
