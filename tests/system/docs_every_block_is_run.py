#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No page is forgotten: every block says what it is in, a test names itself as the one that runs a page's blocks, JSON is JSON;
and the Chinese page has the English one's blocks, with comments and what is printed in its own words."""
import json
import re

from stand import builds, run
from stand.examples import RUN_BY, blocks_of, commands_of, dialogue_of, pages

RUN = {"sh", "console", "usage", "toml", "js"}
SEEN = {"json", "mermaid", "text"}
SAYS = "docs/flows/"


def tests_of(page):
    return [test for name, test in RUN_BY.items() if page == name or (name.endswith("/") and page.startswith(name))]


def without_words(page, language, block):
    """What must be the same in both languages."""
    if language == "console":
        return [command for command, _ in dialogue_of(block)]
    if language == "sh":  # in the flows' pages what stands below a command is what it prints, elsewhere a comment
        return [(command, said if SAYS in page else []) for command, said in commands_of(block)]
    if language == "text":
        return len(block.splitlines())
    if language == "mermaid":
        return [re.sub(r"(: | as |Note over).*", r"\1", line) for line in block.splitlines()]
    block = re.sub('"name":"[^"]*"', '"name":"…"', block)
    comment = {"usage": "#", "toml": "#", "js": "//", "json": "//"}[language]
    return [re.sub("[^ -~]+|settings|each with", "…", line.split(f" {comment} ")[0]).rstrip() for line in block.splitlines()]


def complaints_of(page, path, found):
    blocks = blocks_of(path)
    if len(blocks) * 2 != sum(line.startswith("```") for line in path.read_text(encoding="utf-8").splitlines()):
        yield f"{page}: a fence that is not closed, or is indented"
    for language, block in blocks:
        if language not in RUN | SEEN:
            yield f"{page}: a block of `{language}`: say one of {', '.join(sorted(RUN | SEEN))}\n{block}"
        if language == "json":
            try:
                [json.loads(line) for line in block.splitlines()]
            except ValueError:
                try:
                    json.loads(block)
                except ValueError as error:
                    yield f"{page}: {error}\n{block}"
    english = page.replace(".zh-CN.md", ".md")
    tests = tests_of(page) or tests_of(english)
    if any(language in RUN for language, _ in blocks) and not tests:
        yield f"{page}: no test runs its blocks: write one and name it in stand/examples.py"
    for test in tests:
        if not (builds.SOURCE / test).exists():
            yield f"{page}: there is no {test}"
    if english == page:
        return
    if english not in found:
        yield f"{page}: there is no {english}"
        return
    other = blocks_of(found[english])
    if [language for language, _ in blocks] != [language for language, _ in other]:
        yield f"{page}: other blocks than {english}"
        return
    for (language, block), (_, original) in zip(blocks, other):
        if without_words(page, language, block) != without_words(page, language, original):
            yield f"{page}: differs from {english}:\n{block}---\n{original}"


def every_block_is_run(stand):
    found = pages()
    assert len(found) > 40 and set(RUN_BY) <= set(found) | {"docs/flows/"}, found
    complaints = [complaint for page, path in found.items() for complaint in complaints_of(page, path, found)]
    assert not complaints, "\n".join(complaints)
    # and it finds what it is for
    forgotten = stand.folder / "new.md"
    forgotten.write_text("```sh\nxgate vendor list\n```\n```\nxgate\n```\n", encoding="utf-8")
    assert len(list(complaints_of("docs/new.md", forgotten, found))) == 2
    forgotten.write_text("```sh\nxgate vendor add\n```\n", encoding="utf-8")
    assert any("other blocks" in complaint for complaint in complaints_of("docs/flows/time.zh-CN.md", forgotten, found))


run(every_block_is_run, service=False)
