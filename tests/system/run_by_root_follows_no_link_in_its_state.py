#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run by root: everything runs as the user whose the state folder is. What that user plants in there leads root nowhere: no file that a
link points at is written, given away or removed."""
import os
import pathlib
import pwd
import signal

from stand.run_script import USER, Checkout
from stand.stand import run_program
from stand.waiting import wait_until

PLANTED = ("lock", "pid", ".xgate-run-state", "program")


def run_by_root_follows_no_link_in_its_state(checkout):
    if os.geteuid() != 0:
        return  # only root can be led astray
    checkout.start()
    checkout.wait_ready()
    checkout.process.stop(signal.SIGINT, 60)
    roots = checkout.folder / "roots"
    roots.mkdir()
    user = pwd.getpwnam(USER).pw_uid
    for name in PLANTED:
        (roots / name).write_text("root's own\n", encoding="utf-8")
        (checkout.state / name).unlink(missing_ok=True)
        (checkout.state / name).symlink_to(roots / name)
        os.lchown(checkout.state / name, user, -1)

    checkout.start(by_root=True)
    checkout.wait_ready()
    for name in PLANTED:
        assert (roots / name).read_text(encoding="utf-8") == "root's own\n", name
        assert (roots / name).stat().st_uid == 0, f"{name} was given away"
    running = [line.split()[0] for line in checkout.processes()]
    assert len(running) > 5, running
    assert {pathlib.Path("/proc", number).stat().st_uid for number in running} == {user}
    checkout.process.stop(signal.SIGINT, 60)
    wait_until(lambda: not checkout.processes(), "nothing left running")


run_program(run_by_root_follows_no_link_in_its_state, Checkout)
