#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The first screen of the Chinese README in zsh, with a Chinese locale: every block as it is pasted, and the refusal that the page shows."""
from stand import run
from stand.readme import first_screen_works


def docs_readme_works_in_zsh(stand):
    first_screen_works(stand, "README.zh-CN.md", "zsh", "zh_CN.UTF-8")


run(docs_readme_works_in_zsh)
