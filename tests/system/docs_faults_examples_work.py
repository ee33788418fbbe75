#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/faults.md asks for the campaign with options that it takes, and names the faults that there are. A campaign takes
hours, faults.campaign runs a few rounds of it: here it only lists what it would break."""
import re

from stand import builds, run
from stand.examples import Shell, examples_of


def docs_faults_examples_work(_stand):
    page = builds.SOURCE / "docs/faults.md"
    shell = Shell(builds.SOURCE, {**builds.xgate_environment(), "XGATE_BUILD_DIR": str(builds.BUILD)})
    try:
        for command, _ in examples_of(page):
            listed = shell.must(command.removesuffix(" --list") + " --list")
    finally:
        shell.end()
    named = set(re.findall(r"`(\w+)`", re.search(r"\n\| fault \| how.*?\n\n", page.read_text(encoding="utf-8"), re.S)[0]))
    there = set(re.findall(r"^(\w+)", listed, re.M))
    assert there <= named, there - named


run(docs_faults_examples_work, service=False)
