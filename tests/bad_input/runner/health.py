# SPDX-License-Identifier: Apache-2.0
"""After every area: is everything as it was?"""

from stand import builds, logs
from stand.processes import descriptors_of, resident_mib
from stand.waiting import DeadlinePassed, wait_until

# A service's pools open connections when they first need them; a broker's listeners keep what they have.
DESCRIPTORS = 6
# Resident MiB that one area may leave behind: allocators keep some, and sanitized builds a quarantine of 256 MiB.
MEMORY = {"broker": 24, "service": 48}
SANITIZED_MEMORY = 384
ADMINISTRATIVE = ["vendor", "product", "device", "thing_model", "script", "firmware_image", "upgrade_job", "upgrade",
                  "api_token", "command", "device_config", "firmware", "property"]

# Every CHECK and FOREIGN KEY asked again over all rows: an answer is a constraint that does not hold.
_CONSTRAINTS = """
DO $$
DECLARE c record; broken bigint;
BEGIN
  CREATE TEMP TABLE broken_constraint (name text, count bigint);
  FOR c IN SELECT conname, conrelid::regclass AS t, pg_get_expr(conbin, conrelid) AS expression FROM pg_constraint
           WHERE contype = 'c' AND conrelid <> 0 AND connamespace = 'public'::regnamespace LOOP
    EXECUTE format('SELECT count(*) FROM %s WHERE NOT (%s)', c.t, c.expression) INTO broken;
    IF broken > 0 THEN INSERT INTO broken_constraint VALUES (c.conname, broken); END IF;
  END LOOP;
  FOR c IN SELECT conname, conrelid::regclass AS t, confrelid::regclass AS f,
             (SELECT string_agg(format('t.%I = f.%I', a.attname, b.attname), ' AND ')
              FROM unnest(conkey, confkey) AS k(x, y)
              JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.x
              JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = k.y) AS matching,
             (SELECT string_agg(format('t.%I IS NOT NULL', a.attname), ' AND ')
              FROM unnest(conkey) AS k(x) JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.x) AS given
           FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace LOOP
    EXECUTE format('SELECT count(*) FROM %s t WHERE %s AND NOT EXISTS (SELECT FROM %s f WHERE %s)',
                   c.t, c.given, c.f, c.matching) INTO broken;
    IF broken > 0 THEN INSERT INTO broken_constraint VALUES (c.conname, broken); END IF;
  END LOOP;
END $$;
SELECT name, count FROM broken_constraint;
"""


class Health:
    def __init__(self, scene):
        self.stand = scene.stand
        self.sanitized = "LD_PRELOAD" in builds.broker_environment()
        self.parts = {"broker": self.stand.broker.process, "service": self.stand.service.process}
        self.pids = {name: part.pid for name, part in self.parts.items()}
        self._logs = logs.Watch(self.stand)
        self.before = None

    def _tables(self):
        # When a token was used last changes with every minute in which the runner asks for something.
        return dict(self.stand.database.sql(" UNION ALL ".join(
            f"SELECT '{name}', count(*) || ' ' || coalesce(md5(string_agg(row, ',' ORDER BY row)), '') "
            f"FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM {name} t) AS {name}_rows"
            for name in ADMINISTRATIVE)))

    def begin(self):
        self.before = {name: (descriptors_of(pid), resident_mib(pid)) for name, pid in self.pids.items()}
        self._tables_before = self._tables()

    def faults(self, changes):
        """What is not as it was; `changes`: tables that the area's good rows may change."""
        found = []
        for name, part in self.parts.items():
            if not part.running():
                return [f"the {name} has ended with {part.popen.returncode}"]
        for path in ("/livez", "/readyz"):
            answer = self.stand.service.request("GET", path, token=None)
            if answer.status != 200:
                found.append(f"{path}: {answer}")
        found += self._resources()
        found += [f"a constraint does not hold: {row}" for row in self.stand.database.sql(_CONSTRAINTS)]
        self._await_noted_downloads()
        tables = self._tables()
        found += [f"table {name} has changed: {self._tables_before[name]} → {tables[name]}" for name in tables
                  if name not in changes and tables[name] != self._tables_before[name]]
        return found + self._logs.faults()

    def _await_noted_downloads(self):
        """What was downloaded is noted when the database has time for it: not while the next area runs."""
        def all_noted():
            sent = self.stand.service.metric("xgate_download_bytes_total")
            return int(self.stand.database.sql("SELECT coalesce(sum(bytes_sent), 0) FROM upgrade")[0][0]) == sent
        wait_until(all_noted, "every download to be noted", 15, every=0.1)

    def _resources(self):
        found = []
        for name, pid in self.pids.items():
            descriptors, memory = self.before[name]
            try:
                wait_until(lambda: descriptors_of(pid) <= descriptors + DESCRIPTORS, "descriptors", 15, every=0.1)
            except DeadlinePassed:
                found.append(f"the {name} holds {descriptors_of(pid)} descriptors, {descriptors} before")
            grown = resident_mib(pid) - memory
            if grown > (SANITIZED_MEMORY if self.sanitized else MEMORY[name]):
                found.append(f"the {name} holds {grown:.0f} MiB more than before")
        return found

    def used(self):
        return {name: {"descriptors": descriptors_of(pid), "mib": round(resident_mib(pid), 1),
                       "descriptors_before": self.before[name][0], "mib_before": round(self.before[name][1], 1)}
                for name, pid in self.pids.items()}
