#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HEX-4: the blocks of docs/hex-scripts.md work as they stand, and print what the page says they print; its two functions are a
script that is accepted; a Chinese reader sees what the Chinese page shows."""
from stand import builds, run
from stand.examples import blocks_of, commands_of, run_dialogue, terminal


def docs_hex_scripts_examples_work(stand):
    stand.vendor(open_id="7ED01E2A")  # what the first screen of README.md makes
    shell = terminal(stand)
    try:
        shell.must("export PATH=$PWD/build/bin:$PATH")
        for language, block in blocks_of(builds.SOURCE / "docs/hex-scripts.md"):
            if language == "sh":
                for command, _ in commands_of(block):
                    shell.must(command)
            elif language == "console":
                run_dialogue(shell, block)
            else:
                assert language == "js", language
                script = stand.folder / "home" / "functions.js"
                script.write_text(block, encoding="utf-8")
                shell.must("xgate script set 1A4B0001 functions.js && xgate script set 1A4B0001 docs/examples/hex-demo.js")
        shell.must("export LC_ALL= LC_MESSAGES=zh_CN.UTF-8")
        for language, block in blocks_of(builds.SOURCE / "docs/hex-scripts.zh-CN.md"):
            if language == "console":
                run_dialogue(shell, block)
    finally:
        shell.end()


run(docs_hex_scripts_examples_work)
