#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run in a checkout that was moved, to a folder with a blank in its name: the build is configured anew, the state is found, and
what is printed to be pasted into a shell works there."""
import json
import re
import subprocess

from stand.run_script import Checkout, run_as_user
from stand.stand import run_program

# In place of our own build, which takes minutes: the programs stand there already.
BUILD = """
cmake_minimum_required(VERSION 3.25)
project(moved LANGUAGES NONE)
add_custom_target(xgate)
add_custom_target(mosquitto_xgate)
"""
PRESETS = {"version": 5, "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build"}]}


def run_goes_on_where_its_checkout_was_moved(checkout):
    (checkout.folder / "CMakeLists.txt").write_text(BUILD, encoding="utf-8")
    (checkout.folder / "CMakePresets.json").write_text(json.dumps(PRESETS), encoding="utf-8")
    checkout.start()
    checkout.wait_ready()
    checkout.xgate("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
    checkout.process.stop()

    checkout.move("moved here")
    checkout.start()
    checkout.wait_ready()
    said = checkout.process.log()
    lines = re.search(r"^Next, in another terminal:\n((?:  \S.*\n)+?)  1\.", said, re.M)[1]
    done = subprocess.run(run_as_user(["bash", "-c", f"{lines}\nxgate vendor list"]), capture_output=True, text=True, timeout=60,
                          env=checkout.environment(), cwd="/")
    assert done.returncode == 0 and "7ED01E2A" in done.stdout, (lines, done)
    checkout.process.stop()


run_program(run_goes_on_where_its_checkout_was_moved, lambda: Checkout(builds_itself=True))
