#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin's role reads its columns of four tables, and nothing else; the service's reads and writes rows, and changes no
table and no history. Every other test shows that this is enough for both; here the service also drops old days and makes new ones."""
from stand import run
from stand.postgres import OWNER, PLUGIN_ROLE, SERVICE_ROLE
from stand.waiting import wait_until

PLUGIN_READS = {"vendor": "open_id, enabled", "presence": "device_id, offline_at, last_type1_timestamp, type1_used",
                "product": "product_id, open_id, product_key, auth_type, enabled, encrypted, allow_hash, require_type_1, "
                           "messages_per_second, bytes_per_second",
                "device": "device_id, product_id, node_eui, device_secret, enabled, revision"}
NOT_THE_PLUGINS = (
    "INSERT INTO api_token (name, token_sha256) VALUES ('mine', sha256('x'))",
    "UPDATE device SET enabled = true", "DELETE FROM device", "UPDATE presence SET online = false",
    "SELECT token_sha256 FROM api_token", "SELECT * FROM session_key", "SELECT * FROM former_session_key",
    "SELECT payload FROM message", "SELECT * FROM refusal", "SELECT * FROM idempotency_key", "SELECT value FROM property",
    "SELECT registered_at FROM device", "SELECT address FROM presence", "SELECT name FROM vendor",
    "SELECT nextval('device_revision')", "SELECT raise_fence('local', 0)", "SELECT enter_era()", "SELECT summarize_messages()",
    "SELECT * FROM audit", "SELECT forget_audit(now(), 10)",
    "SELECT maintain_partitions('2020-01-01', '2020-01-01', '2100-01-01', '2100-01-01')")
NOT_THE_SERVICES = (
    "UPDATE message SET payload = ''", "DELETE FROM message", "DELETE FROM refusal", "UPDATE property_history SET value = '1'",
    "UPDATE audit SET after = ''", "DELETE FROM audit", "DELETE FROM schema_migration", "UPDATE era SET shift = 0", "TRUNCATE device", "DROP TABLE device",
    "ALTER TABLE device DISABLE TRIGGER ALL", "ALTER ROLE CURRENT_USER SUPERUSER", "SET ROLE " + OWNER)
NOBODYS = ("COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", "COPY (SELECT 1) TO '/tmp/xgate-roles-test'",
           "SELECT pg_read_file('/etc/hostname')", "CREATE TABLE public.mine (a int)", "CREATE TEMPORARY TABLE mine (a int)",
           "SELECT * FROM of_devices", "SELECT lo_creat(-1)", "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_put(1, 0, 'x')",
           "SELECT lo_open(1, 131072)", "SELECT lowrite(0, 'x')", "SELECT lo_truncate64(0, 1)", "SELECT lo_import('/etc/hostname')",
           "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT null::timestamptz'")


def is_refused(stand, statement, role):
    try:
        stand.database.sql(statement, role)
    except RuntimeError as error:
        message = str(error)
        assert any(word in message for word in ("permission denied", "must be owner", "must have", "must be superuser")), message
        return
    raise AssertionError(f"{role} may: {statement}")


def database_roles_may_do_what_they_need(stand):
    # what somebody granted by hand is taken away when it is migrated next, and temporary tables are not PUBLIC's
    stand.database.sql(f"SET ROLE {OWNER}; CREATE VIEW of_devices AS SELECT * FROM device;"
                       f"GRANT SELECT ON of_devices TO {PLUGIN_ROLE}, {SERVICE_ROLE}")
    day = stand.database.sql("SELECT min(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'message'::regclass")[0][0]
    stand.database.sql(f"GRANT SELECT, DELETE ON {day} TO {PLUGIN_ROLE}, {SERVICE_ROLE}")
    migrated = stand.database.cluster.migrate(stand.database.name)
    assert migrated.returncode == 0, migrated
    device = stand.device(stand.product())
    device.login()
    for table, columns in PLUGIN_READS.items():
        stand.database.sql(f"SELECT {columns} FROM {table}", PLUGIN_ROLE)
        assert stand.database.sql(f"SELECT string_agg(a.attname, ', ' ORDER BY a.attname) FROM pg_attribute a WHERE "
                                  f"a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND "
                                  f"has_column_privilege('{PLUGIN_ROLE}', a.attrelid, a.attnum, 'SELECT')") \
            == [[", ".join(sorted(columns.split(", ")))]], table
    for statement in NOT_THE_PLUGINS + NOBODYS:
        is_refused(stand, statement, PLUGIN_ROLE)
    for statement in NOT_THE_SERVICES + NOBODYS:
        is_refused(stand, statement, SERVICE_ROLE)
    for role in (PLUGIN_ROLE, SERVICE_ROLE):
        for beside in ("postgres", "template1"):  # where everybody may make such things, unless nobody may connect
            try:
                stand.database.cluster.sql("SELECT 1", beside, role=role)
            except RuntimeError as error:
                assert "User does not have CONNECT privilege" in str(error), error
            else:
                raise AssertionError(f"{role} may connect to {beside}")
        assert stand.database.sql("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND has_any_column_privilege("
                                  f"'{role}', oid, 'SELECT, INSERT, UPDATE')") == [["0"]], "partitions are reached by their parents"

    # days that come and go, by the service's role
    stand.database.sql("SELECT maintain_partitions('2031-05-01', '2031-05-02', '-infinity', '-infinity')", SERVICE_ROLE)
    stand.database.sql("INSERT INTO message (received_at, product_id, node_eui, topic, raw) VALUES "
                       "('2031-05-01 12:00Z', 'AA30C505', 'NEWDAY01', 'uplink', '')", SERVICE_ROLE)
    assert stand.database.sql("SELECT tableoid::regclass FROM message WHERE node_eui = 'NEWDAY01'", SERVICE_ROLE) == \
        [["message_20310501"]]
    stand.database.sql("CREATE TABLE message_20200101 PARTITION OF message FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');"
                       f"ALTER TABLE message_20200101 OWNER TO {OWNER}")
    stand.service.restart()  # housekeeping looks at once
    wait_until(lambda: stand.database.sql("SELECT to_regclass('message_20200101') IS NULL") == [["t"]], "the old day is dropped")

    # nor does it drop what was just said, whatever it asks for
    for age in ("29 days 23 hours", "31 days"):
        stand.database.sql(f"INSERT INTO audit (at, token_id, token_name, address, operation, revealed) VALUES (now() - interval '{age}', 1, "
                           "'x', 'x', 'x', false)", SERVICE_ROLE)
    stand.database.sql("SELECT maintain_partitions(t - 3, t, '-infinity', '-infinity') FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS t) c",
                       SERVICE_ROLE)
    stand.database.sql("SELECT maintain_partitions(current_date, current_date, 'infinity', 'infinity'), forget_audit('infinity', 1000000000)",
                       SERVICE_ROLE)
    for table in ("message", "refusal", "property_history", "event_history"):
        assert stand.database.sql(f"SELECT min(to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')) = (now() AT TIME ZONE 'UTC')::date - 1 "
                                  f"FROM pg_inherits WHERE inhparent = '{table}'::regclass") == [["t"]], table
    assert stand.database.sql("SELECT count(*), max(now() - at) < interval '30 days' FROM audit WHERE operation = 'x'") == [["1", "t"]]

    for name, log in (("the broker", stand.broker.process.log()), ("the service", stand.service.process.log())):
        assert "database role" not in log, f"{name} has more rights than it needs, or says so:\n{log}"


run(database_roles_may_do_what_they_need)
