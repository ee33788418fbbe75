#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/install-packages, as ./run and ./test call it, for somebody who may not install and has no sudo, or whom sudo refuses:
one sentence with the command for root, which may be pasted as it is."""
import os
import re
import shutil
import subprocess

from stand.run_script import Checkout
from stand.stand import run_program


def run_says_how_root_installs_packages(checkout):
    deploy = checkout.folder / "a checkout" / "deploy"
    shutil.copytree(checkout.folder / "deploy", deploy)
    (deploy / "packages").write_text("run xgate-test-is-in-no-archive\n", encoding="utf-8")
    programs = checkout.folder / "programs"
    programs.mkdir()
    for name in ("bash", "env", "cut", "dirname", "dpkg-query", "readlink", "sed", "tr", "apt-get"):
        (programs / name).symlink_to(shutil.which(name))

    def said():
        command = checkout.command()
        user = command[:command.index("--") + 1] if "--" in command and os.geteuid() == 0 else []
        done = subprocess.run([*user, "/usr/bin/env", f"PATH={programs}", str(deploy / "install-packages"), "run"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 2, done
        return done.stderr

    def command_for_root(text):
        line = re.search(r'Have root install them: su -c "(.*)"$', text, re.M)[1]
        words = subprocess.run(["bash", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True).stdout
        assert words.splitlines() == [str(deploy / "install-packages"), "run"], text

    without = said()
    assert "xgate-test-is-in-no-archive" in without and "there is no sudo here" in without, without
    command_for_root(without)
    sudo = programs / "sudo"
    sudo.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    sudo.chmod(0o755)
    refused = said()
    assert "sudo did not let you" in refused, refused
    command_for_root(refused)


run_program(run_says_how_root_installs_packages, Checkout)
