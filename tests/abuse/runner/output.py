# SPDX-License-Identifier: Apache-2.0
"""Attacks on whoever reads what a device sent.

escapes  config keys and values, payloads, event names and topics that would steer a terminal, printed by `xgate`. Facts: commands
         (that printed them), steered (what came through)
"""
import re

from stand.device import frame
from stand.waiting import wait_until

from .flood import Flood, publish

_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_EVIL = ("\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b[2J\x1b[1;1H", "\x9b31m", "\u202egpj.exe", "\rFORGED line", "\x1b]0;title\x07")


def escapes(scene):
    stand, device = scene.stand, scene.device()
    flood = Flood(stand.broker.port, device.v2_credentials())
    for number, evil in enumerate(_EVIL):
        flood.send([publish(device.topic("config_report"), frame(14, {"Settings": {evil: evil, "n": number}}, number)),
                    publish(device.topic("uplink"), frame(4, {evil: evil}, evil)),
                    publish(device.topic("uplink"), evil),
                    publish(device.topic("firmware_report"), frame(8, {"HardVer": evil, "SoftVer": evil, "Type": 2}))])
    # Refused: others' names that hold what MQTT takes in a topic.
    flood.send([publish(f"/sys/{evil}/x", "") for evil in _EVIL if not re.search(r"[\x00-\x1f\x7f-\x9f]", evil)])
    wait_until(lambda: len(device.messages(limit=200)) >= 4 * len(_EVIL), "what was sent")
    flood.close()
    steered, commands = [], [["messages", device.name], ["device", "show", device.name], ["config", device.name],
                             ["refusals"], ["refusals", device.name]]
    printed = 0
    for command in commands:
        run = stand.xgate(*command, ok=False)
        printed += run.returncode == 0
        found = _STEERS.search(run.stdout + run.stderr)
        if found:
            steered.append(f"{' '.join(command[:2])}: {found.string[max(0, found.start() - 30):found.end() + 30]!r}")
    return {"commands": printed, "steered": steered}


ATTACKS = {"escapes": escapes}
