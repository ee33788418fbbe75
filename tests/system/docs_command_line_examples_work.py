#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every block of the command line's page: dialogues, scenario, commands and options."""
from stand import run
from stand.command_line_page import page_works


def docs_command_line_examples_work(stand):
    page_works(stand, "docs/command-line.md", "C.UTF-8")


run(docs_command_line_examples_work)
