# SPDX-License-Identifier: Apache-2.0
"""The blocks of docs/containers.md, by heading."""
import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "containers.md"


def blocks():
    """{heading: [shell text, …]}, in the page's order."""
    found, heading, block = {}, "", None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if block is None and (match := re.match(r"## (.*)", line)):
            heading = match[1]
        elif line == "```sh":
            block = []
        elif line == "```" and block is not None:
            found.setdefault(heading, []).append("\n".join(block) + "\n")
            block = None
        elif block is not None:
            block.append(line)
    return found
