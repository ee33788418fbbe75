#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run by root: links that the user xgate, or the broker's, puts into his own folders of the state, where logs, settings and passwords are written, lead as
far as his own rights do: the start may fail, but no file of root's is changed or given away."""
import os
import pwd
import signal
import subprocess

from stand.run_script import Checkout
from stand.stand import run_program
from stand.waiting import wait_until

ACCOUNT = "xgate"
PLANTED = ("log/service.log", "service/xgate.toml", "broker/accounts", "run/initdb")


def run_by_root_follows_no_link_of_its_account(checkout):
    if os.geteuid() != 0:
        return  # only root can be led astray
    made = ACCOUNT not in {user.pw_name for user in pwd.getpwall()}
    os.chown(checkout.folder, 0, 0)
    roots = checkout.folder / "roots"
    roots.mkdir(mode=0o755)
    try:
        checkout.start(by_root=True)
        checkout.wait_ready()
        checkout.process.stop(signal.SIGINT, 60)
        for name in PLANTED:
            plant(checkout, name, roots / name.replace("/", "."))
            checkout.start(by_root=True)
            wait_until(lambda: not checkout.process.running() or "\nready" in checkout.process.log(), "an end, or ready", 60)
            assert "the state" not in checkout.process.log(), "it did not come to where the link is"
            if checkout.process.running():
                checkout.process.stop(signal.SIGINT, 60)
            wait_until(lambda: not checkout.processes(), "nothing left running")
            for path in roots.iterdir():
                assert path.stat().st_uid == 0 and path.read_text(encoding="utf-8") == "root's own\n", path
            as_owner(checkout, name, "rm", checkout.state / name)
    finally:
        checkout.process.kill()
        wait_until(lambda: not checkout.processes(), "nothing left running")
        if made:
            subprocess.run(["userdel", ACCOUNT], check=False, capture_output=True)


def plant(checkout, name, target):
    target.write_text("root's own\n", encoding="utf-8")
    assert as_owner(checkout, name, "ln", "-sf", target, checkout.state / name).returncode == 0, name


def as_owner(checkout, name, *argv):
    owner = (checkout.state / name).parent.owner()
    return subprocess.run(["setpriv", "--reuid", owner, "--regid", owner, "--clear-groups", "--", *map(str, argv)],
                          capture_output=True, text=True)


run_program(run_by_root_follows_no_link_of_its_account, Checkout)
