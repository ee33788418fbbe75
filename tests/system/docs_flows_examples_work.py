#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/flows run as they are pasted, page after page in one shell, and print what the page says they
print: against the devices that the examples themselves let `xgate simulate` play."""
import re

from stand import builds, run
from stand.examples import examples_of, terminal

PAGES = ("login", "uplink-downlink", "properties", "events", "services", "history", "hex", "configuration", "time",
         "firmware-ota", "session-keys", "commands")
KEY = "DB6FACEF35BEBA0517712F0E4BE32936"
FOLDER = builds.SOURCE / "docs/flows"


def docs_flows_examples_work(stand):
    named = set(re.findall(r"\]\(([\w-]+)\.md\)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    assert named == set(PAGES), named ^ set(PAGES)
    # What the first screen of README.md makes.
    stand.vendor(open_id="7ED01E2A")
    product = stand.product(auth_type=2, kind="transparent", open_id="7ED01E2A", product_id="AA30C505", product_key=KEY)
    stand.device(product, node_eui="20MQTTJ000121")
    here = f"API={stand.service.url}/api/v1"
    set_up = examples_of(FOLDER / "README.md")
    variables = [command for command, _ in set_up if re.match(r"[A-Z]+=", command)]
    shell = terminal(stand)
    try:
        for page in ("README", *PAGES):
            examples = examples_of(FOLDER / f"{page}.md")
            assert examples, page
            for command in [] if page == "README" else [*variables, here]:
                shell.run(command)
            for command, said in examples:
                output = shell.must(command)
                for line in said:
                    assert line in output.splitlines(), f"{page}: {command}\n{output}\nlacks {line}"
                if "/history/" in command:
                    assert '"items":[]' not in output, f"{page}: {command}\n{output}"
                if "commands?wait=" in command:
                    assert '"state":"done"' in output, f"{page}: {command}\n{output}"
                if command.startswith("API="):
                    shell.run(here)
    finally:
        shell.end()


run(docs_flows_examples_work)
