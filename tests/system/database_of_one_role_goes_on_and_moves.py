#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where one role is owner, service and plugin, as it was everywhere until 0021_roles, all goes on: both say in one line of their log what
the role may do beyond their needs. deploy/database-roles.sql and `xgate migrate` move such a database to three roles."""
import os
import subprocess

from stand import builds, run
from stand.postgres import OWNER, PLUGIN_ROLE, SERVICE_ROLE


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def database_of_one_role_goes_on_and_moves(stand):
    one = f"one_role_{os.getpid()}"
    stand.cluster.sql(f"CREATE ROLE {one} LOGIN", "postgres")
    goes_on(stand, one)
    moves(stand, one)
    stand.cluster.sql(f"DROP ROLE {one}", "postgres")  # nothing is left that rests on it


def goes_on(stand, one):
    stand.database.drop()
    stand.cluster.sql(f"CREATE DATABASE {stand.database.name} OWNER {one}", "postgres")
    conninfo = stand.cluster.conninfo(stand.database.name, one)
    done = subprocess.run([builds.XGATE, "migrate", "--database", conninfo], capture_output=True, text=True,
                          env=builds.xgate_environment())
    assert done.returncode == 0, done
    replace(stand.broker.configuration, f"user={PLUGIN_ROLE}", f"user={one}")
    replace(stand.service.configuration, f"user={SERVICE_ROLE}", f"user={one}")
    stand.broker.start()
    stand.start_service()
    stand.device(stand.product(), "BEFORE01").login()
    for part, what in ((stand.broker, f'the plugin\'s database role "{one}" may write'),
                       (stand.service, f'the service\'s database role "{one}" owns the tables')):
        log = part.process.log()
        assert log.count(what) == 1 and 'operations.md, "Roles of the database"' in log, log


def moves(stand, one):
    stand.service.stop()
    stand.broker.stop()
    for _ in range(2):  # what is done already stays
        stand.cluster.make_roles(stand.database.name)
        done = stand.cluster.migrate(stand.database.name)
        assert done.returncode == 0, done
    owners = stand.database.sql("""
        SELECT DISTINCT rolname FROM (SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace
                                      UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                                      UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()) AS x (owner)
        JOIN pg_roles r ON r.oid = owner""")
    assert owners == [[OWNER]], owners
    replace(stand.broker.configuration, f"user={one}", f"user={PLUGIN_ROLE}")
    replace(stand.service.configuration, f"user={one}", f"user={SERVICE_ROLE}")
    stand.broker.start()
    stand.service.start()
    stand.device(stand.product(), "AFTER001").login()
    for part in (stand.broker, stand.service):
        assert part.process.log().count("database role") <= 1, "said again"


run(database_of_one_role_goes_on_and_moves, broker=False, service=False)
