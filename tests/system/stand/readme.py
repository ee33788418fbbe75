# SPDX-License-Identifier: Apache-2.0
"""What the README lets a newcomer paste, and what it says will be seen."""
import re

from . import builds
from .examples import examples_of, terminal

DEVICE = "AA30C505.20MQTTJ000121"
SECRETS = {"DB6FACEF35BEBA0517712F0E4BE32936": "ProductKey", "326086233FAB8A96566796551EB1DFF8": "DeviceSecret"}
# The last login is refused, and mosquitto_sub says so with a status.
REFUSED = "device mosquitto_sub"


def refusal_shown(page):
    """The sentences of the refusal that the page prints: why, and the mistake that explains it."""
    text = (builds.SOURCE / page).read_text(encoding="utf-8")
    return re.search(r"^  why +✗ V2-2 (.*)$", text, re.M)[1], re.search(r"^  explanation +(.*)$", text, re.M)[1]


def first_screen_works(stand, page, program, locale):
    for secret, what in SECRETS.items():
        stand.keep_secret(secret, what)
    examples = [command for command, _ in examples_of(builds.SOURCE / page)]
    shell = terminal(stand, program, LC_ALL=locale)
    try:
        printed = {}
        for command in examples:
            status, printed[command] = shell.run(command)
            if command.startswith(REFUSED):
                assert status != 0 and "not authori" in printed[command], (command, printed[command])
            else:
                assert status == 0, f"{command}\n{printed[command]}"
    finally:
        shell.end()
    assert '"timestamp":' in printed[next(c for c in examples if c.startswith("device mosquitto_rr"))], printed
    messages = printed[f"xgate messages {DEVICE}"]
    assert '{"data":"hello"}' in messages and "✓ 200" in messages, messages
    refusals = printed[f"xgate refusals {DEVICE}"]
    for sentence in refusal_shown(page):
        assert sentence in refusals, (sentence, refusals)
