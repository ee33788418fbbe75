#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run by root: the broker is the user mosquitto, who can log in to the database as xgate_plugin alone and reads no file of the service;
the user xgate can log in as the others. A state from before, all of it the user xgate's, goes on; so do TLS, --fresh,
a broker that ends and a killed ./run."""
import os
import pathlib
import pwd
import signal
import subprocess

from stand.postgres import _binaries
from stand.run_script import Checkout
from stand.stand import run_program
from stand.waiting import wait_until

ACCOUNT, BROKER = "xgate", "mosquitto"
SECRETS = ("service/broker.password", "service/admin.token", "service/xgate.toml", "tls/ca.key", "tls/server.key", "postgres/PG_VERSION",
           "log/service.log", "run")


def run_by_root_keeps_the_broker_apart(checkout):
    if os.geteuid() != 0:
        return  # an ordinary user is one
    made = ACCOUNT not in {user.pw_name for user in pwd.getpwall()}
    os.chown(checkout.folder, 0, 0)
    try:
        start(checkout, "--tls", "--tls-port", str(checkout.tls_port))
        users_are_apart(checkout)
        checkout.xgate("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
        checkout.process.stop(signal.SIGINT, 60)
        state_from_before_goes_on(checkout)
        wait_until(lambda: not checkout.processes(), "nothing left running")
        start(checkout, "--fresh")
        users_are_apart(checkout)
        assert not (checkout.state / "broker" / "mine").exists() and "Acme" not in checkout.xgate("vendor", "list")
        broker_that_ends_is_told(checkout)
        start(checkout)
        os.kill(checkout.process.pid, signal.SIGKILL)
        wait_until(lambda: not checkout.processes(), "nothing left running of a killed one", 60)
    finally:
        checkout.process.kill()
        wait_until(lambda: not checkout.processes(), "nothing left running")
        if made:
            subprocess.run(["userdel", ACCOUNT], check=False, capture_output=True)


def start(checkout, *arguments):
    checkout.start(*arguments, by_root=True)
    checkout.wait_ready()


def users_are_apart(checkout):
    for user, roles in ((BROKER, ["xgate_plugin"]), (ACCOUNT, ["postgres", "xgate_owner", "xgate_service"])):
        for role in ("postgres", "xgate_owner", "xgate_service", "xgate_plugin"):
            done = psql(checkout, user, role, "SELECT 1")
            assert (done.returncode == 0) == (role in roles), (user, role, done)
            assert role in roles or "Peer authentication failed" in done.stderr, done
    assert psql(checkout, BROKER, "postgres", "COPY (SELECT 1) TO PROGRAM 'id'").returncode != 0
    assert "permission denied" in psql(checkout, BROKER, "xgate_plugin", "SELECT lo_from_bytea(0, 'x')").stderr
    for name in SECRETS:
        if (checkout.state / name).exists():
            assert by(BROKER, "head", "-c1", checkout.state / name).returncode != 0, f"{BROKER} reads {name}"
    assert by(ACCOUNT, "ls", checkout.state / "broker").returncode != 0
    assert by(BROKER, "touch", checkout.state / "mine").returncode != 0
    users = {pathlib.Path("/proc", line.split()[0]).stat().st_uid for line in checkout.processes() if "mosquitto.conf" in line}
    assert users == {pwd.getpwnam(BROKER).pw_uid}, users


def state_from_before_goes_on(checkout):
    broker, roots = checkout.state / "broker", checkout.folder / "roots"
    assert by(BROKER, "sh", "-c", f"echo kept >{broker}/mine").returncode == 0
    roots.write_text("root's own\n", encoding="utf-8")
    (broker / "server.key").unlink()
    (broker / "server.key").symlink_to(roots)
    subprocess.run(["chown", "-hR", f"{ACCOUNT}:", str(broker)], check=True)
    start(checkout)
    users_are_apart(checkout)
    assert (broker / "mine").read_text(encoding="utf-8") == "kept\n" and (broker / "mosquitto.db").exists()
    assert {path.lstat().st_uid for path in broker.iterdir()} == {pwd.getpwnam(BROKER).pw_uid}
    assert roots.stat().st_uid == 0 and roots.read_text(encoding="utf-8") == "root's own\n"
    assert not list(checkout.state.glob("broker.*")) and "Acme" in checkout.xgate("vendor", "list")
    checkout.process.stop(signal.SIGINT, 60)


def broker_that_ends_is_told(checkout):
    broker, = (line.split()[0] for line in checkout.processes() if line.split()[1] == "mosquitto")
    os.kill(int(broker), signal.SIGKILL)
    assert checkout.process.wait(60) != 0
    assert "the broker was ended by signal KILL" in checkout.process.log(), checkout.process.log()
    wait_until(lambda: not checkout.processes(), "nothing left running")


def psql(checkout, user, role, statement):
    return by(user, _binaries() / "psql", "-X", "-A", "-t", "-q", "-h", checkout.state / "socket", "-U", role, "-d", "xgate", "-c", statement)


def by(user, *argv):
    return subprocess.run(["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--", *map(str, argv)],
                          capture_output=True, text=True, cwd="/")


run_program(run_by_root_keeps_the_broker_apart, Checkout)
