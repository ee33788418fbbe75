#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/bad-input.md asks for the catalogue with options that it takes, its numbers are those of the catalogue, and the rows that
it shows stand there."""
import re

from stand import builds, run
from stand.examples import Shell, blocks_of, commands_of


def docs_bad_input_examples_work(_stand):
    page = builds.SOURCE / "docs/bad-input.md"
    rows = {" ".join(line.split()) for area in (builds.SOURCE / "tests/bad_input/catalogue").glob("*.toml")
            for line in area.read_text(encoding="utf-8").splitlines()}
    listed = ""
    shell = Shell(builds.SOURCE, builds.xgate_environment())
    try:
        for language, block in blocks_of(page):
            if language == "toml":
                for row in block.splitlines():
                    assert " ".join(row.split()) in rows, row
                continue
            for command, _ in commands_of(block):
                # The catalogue takes minutes, and is a test of its own: here its rows are only chosen.
                listed = shell.must(command.removesuffix(" --list") + " --list")
                assert re.search(r"^\d+ areas, \d+ rows, \d+ distinct cases", listed, re.M), listed
    finally:
        shell.end()
    said = [int(number.replace(",", "")) for number in
            re.search(r"(\d+) files.*?some (\d+) rows.*?some ([\d,]+) distinct", page.read_text(encoding="utf-8"), re.S).groups()]
    there = [int(number) for number in re.search(r"(\d+) areas, (\d+) rows, (\d+) distinct", listed).groups()]
    assert said[0] == there[0] and all(abs(a - b) < b / 20 for a, b in zip(said, there)), (said, there)


run(docs_bad_input_examples_work, service=False)
