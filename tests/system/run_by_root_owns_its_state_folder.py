#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run by root: all that runs is the user xgate, who owns subfolders of the state alone. He can put nothing beside them, and what he put there
while an earlier version had given him the whole folder leads root nowhere; nothing of root's environment comes to him."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess

from stand.run_script import Checkout
from stand.stand import run_program
from stand.waiting import wait_until

ACCOUNT = "xgate"
BROKER = "mosquitto"
OWN = {"postgres", "service", "firmware", "tls", "log", "socket", "run"}
ROOTS = ("pid", ".xgate-run-state", "program", "admin.token")
BESIDE = ("lock", "socket.elsewhere", "postgres.partial", *ROOTS)
SECRET = "a-key-to-other-things-of-roots"


def run_by_root_owns_its_state_folder(checkout):
    if os.geteuid() != 0:
        return  # only root can be led astray
    made = ACCOUNT not in {user.pw_name for user in pwd.getpwall()}
    os.chown(checkout.folder, 0, 0)
    try:
        account = starts_as_account(checkout)
        nothing_can_be_planted(checkout)
        checkout.process.stop(signal.SIGINT, 60)
        roots = plant_beside(checkout, account)
        start(checkout)
        untouched(roots)
        is_laid_out(checkout, account)
        vendors = checkout.xgate("vendor", "list")
        assert "Acme" in vendors, vendors
        checkout.process.stop(signal.SIGINT, 60)
        folder_that_is_a_link(checkout, account)
    finally:
        checkout.process.kill()
        wait_until(lambda: not checkout.processes(), "nothing left running")
        if made:
            subprocess.run(["userdel", ACCOUNT], check=False, capture_output=True)


def starts_as_account(checkout):
    start(checkout)
    account = pwd.getpwnam(ACCOUNT).pw_uid
    is_laid_out(checkout, account)
    checkout.xgate("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
    running = [pathlib.Path("/proc", line.split()[0]) for line in checkout.processes()]
    brokers = {process for process in running if (process / "stat").read_text().split()[1] == "(mosquitto)"}
    assert len(brokers) == 1 and {process.stat().st_uid for process in brokers} == {pwd.getpwnam(BROKER).pw_uid}, running
    assert len(running) > 5 and {process.stat().st_uid for process in running} == {account, pwd.getpwnam(BROKER).pw_uid}, running
    for process in running:
        environment = (process / "environ").read_bytes()
        assert SECRET.encode() not in environment and b"LD_LIBRARY_PATH" not in environment, (process, environment)
    return account


def start(checkout):
    checkout.start(by_root=True, environment={"AWS_SECRET_ACCESS_KEY": SECRET, "LD_LIBRARY_PATH": "/nonexistent"})
    checkout.wait_ready()


def is_laid_out(checkout, account):
    assert checkout.state.stat().st_uid == 0 and not checkout.state.stat().st_mode & 0o022
    for name in OWN:
        assert (checkout.state / name).lstat().st_uid == account and (checkout.state / name).is_dir(), name
    broker = (checkout.state / "broker").lstat()
    assert broker.st_uid == pwd.getpwnam(BROKER).pw_uid and broker.st_mode & 0o777 == 0o700, broker
    for name in ROOTS:
        assert (checkout.state / name).lstat().st_uid == 0, name
    assert os.readlink(checkout.state / "admin.token") == "service/admin.token"
    for path in [checkout.state / "program", *(checkout.state / "program").rglob("*")]:
        assert path.stat().st_uid == 0 and not path.stat().st_mode & 0o022, f"{path} can be changed by who runs it"


def as_account(*argv):
    return subprocess.run(["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups", "--", *map(str, argv)],
                          capture_output=True, text=True)


def nothing_can_be_planted(checkout):
    for name in BESIDE:
        for command in (("ln", "-sfn", "/etc/passwd", checkout.state / name), ("mv", checkout.state / "run", checkout.state / name)):
            assert as_account(*command).returncode != 0, command
    assert as_account("sh", "-c", f"echo >>{checkout.state}/pid").returncode != 0


def plant_beside(checkout, account):
    """As the version before left it: the folder is the account's."""
    os.chown(checkout.state, account, -1)
    roots = checkout.folder / "roots"
    roots.mkdir(mode=0o755)
    for name in BESIDE:
        (roots / name).write_text("root's own\n", encoding="utf-8")
        as_account("rm", "-rf", checkout.state / name)
        if (checkout.state / name).exists():
            shutil.rmtree(checkout.state / name)  # the program, which is root's
        assert as_account("ln", "-sfn", roots / name, checkout.state / name).returncode == 0, name
    return roots


def untouched(roots):
    for path in roots.rglob("*"):
        assert path.stat().st_uid == 0 and not path.is_symlink(), f"{path} was given away"
        if path.is_file():
            assert path.read_text(encoding="utf-8") == "root's own\n", path


def folder_that_is_a_link(checkout, account):
    target = checkout.folder / "roots" / "folder"
    target.mkdir()
    os.chown(checkout.state, account, -1)
    as_account("rm", "-rf", checkout.state / "firmware")
    assert as_account("ln", "-s", target, checkout.state / "firmware").returncode == 0
    checkout.start(by_root=True)
    assert checkout.process.wait(60) != 0
    assert f"{checkout.state}/firmware is not a folder, or a link to one" in checkout.process.log(), checkout.process.log()
    assert target.stat().st_uid == 0, "it was given away"


run_program(run_by_root_owns_its_state_folder, Checkout)
