#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/abuse.md asks for the catalogue with options that it takes, and its table, in both languages, has each attack once, as the
catalogue's list has it."""
import re

from stand import builds, run
from stand.examples import Shell, blocks_of, commands_of


def docs_abuse_examples_work(_stand):
    listed = ""
    shell = Shell(builds.SOURCE, builds.xgate_environment())
    try:
        for _, block in blocks_of(builds.SOURCE / "docs/abuse.md"):
            for command, _ in commands_of(block):
                # The attacks take their time, and are a test of their own: here they are only chosen.
                listed = shell.must(command.removesuffix(" --list").removesuffix(" --json") + " --list")
                assert re.search(r"^\d+ areas, \d+ attacks$", listed, re.M), listed
        listed = shell.must("tests/abuse/run --list")
    finally:
        shell.end()
    attacks = re.findall(r"^  \w+\.(\w+) \(", listed, re.M)
    for page in ("docs/abuse.md", "docs/abuse.zh-CN.md"):
        rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (builds.SOURCE / page).read_text(encoding="utf-8"), re.M)
        told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
        assert told == attacks, (page, set(told) ^ set(attacks))


run(docs_abuse_examples_work, broker=False, service=False)
