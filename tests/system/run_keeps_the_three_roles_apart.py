#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run: the plugin connects as a role that may only read, the service as one that owns nothing, migrations as the owner; a state from
before there were three roles is moved at the start, with all that was in it."""
import re
import signal
import subprocess

from stand.postgres import _binaries
from stand.run_script import Checkout, run_as_user
from stand.stand import run_program


def run_keeps_the_three_roles_apart(checkout):
    checkout.start()
    checkout.wait_ready()
    checkout.xgate("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
    roles_are_kept_apart(checkout)
    make_one_role_of_them(checkout)
    checkout.process.stop(signal.SIGINT, 60)

    checkout.start()
    checkout.wait_ready()
    assert "Acme" in checkout.xgate("vendor", "list")
    roles_are_kept_apart(checkout)
    assert psql(checkout, "postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'xgate'") == "0"
    checkout.process.stop(signal.SIGINT, 60)


def roles_are_kept_apart(checkout):
    conf = (checkout.state / "broker" / "mosquitto.conf").read_text(encoding="utf-8")
    toml = (checkout.state / "service" / "xgate.toml").read_text(encoding="utf-8")
    role, = re.findall(r"^plugin_opt_database .*user=(\w+)$", conf, re.M)
    assert role == "xgate_plugin" and re.search(r'^url = ".*user=xgate_service"$', toml, re.M), conf + toml
    used = psql(checkout, "postgres", "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'xgate' AND "
                "pid <> pg_backend_pid() ORDER BY 1").split()
    assert used == ["xgate_plugin", "xgate_service"], used
    for refused in ("INSERT INTO api_token (name, token_sha256) VALUES ('mine', sha256('x'))", "UPDATE device SET enabled = true",
                    "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", "SELECT token_sha256 FROM api_token", "SELECT nonce FROM session_key",
                    "SELECT payload FROM message", "SET ROLE xgate_owner"):
        said = psql(checkout, role, refused)
        assert "permission denied" in said or "must be superuser" in said, (refused, said)
    for log in ("broker", "service"):
        text = (checkout.state / "log" / f"{log}.log").read_text(encoding="utf-8")
        assert "database role" not in text, text


def make_one_role_of_them(checkout):
    """As a state of the version before is: one role owns everything, and nobody else has any right."""
    psql(checkout, "postgres", "CREATE ROLE xgate LOGIN; REASSIGN OWNED BY xgate_owner TO xgate")
    for role in ("xgate_service", "xgate_plugin", "xgate_owner"):
        psql(checkout, "postgres", f"DROP OWNED BY {role} CASCADE")
    assert psql(checkout, "postgres", "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == "xgate"


def psql(checkout, role, statement):
    done = subprocess.run(run_as_user([str(_binaries() / "psql"), "-X", "-A", "-t", "-q", "-h", str(checkout.state / "socket"), "-U", role,
                                       "-d", "xgate", "-c", statement]), capture_output=True, text=True, cwd="/")
    return (done.stdout + done.stderr).strip()


run_program(run_keeps_the_three_roles_apart, Checkout)
