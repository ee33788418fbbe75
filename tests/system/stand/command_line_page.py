# SPDX-License-Identifier: Apache-2.0
"""docs/command-line.md, or its Chinese: the dialogues print what the page says they print, in the state that they speak of; the
scenario runs; commands and options are those of the program's help."""
import json
import re
import subprocess

from . import builds
from .examples import blocks_of, run_dialogue, terminal
from .simulator import Simulator
from .waiting import wait_until

P = "AA30C505"
KEY = "DB6FACEF35BEBA0517712F0E4BE32936"
DEVICE = """
[device]
soft_ver = "v2.1.4"
properties = { temp = 25 }

[[do]]
every = "1h"
time = true

[[on]]
set = "temp"
code = "4001"
msg = "out of range"
"""


def model(**ranges):
    """Of float properties: {name: (min, max)}."""
    return json.dumps({"properties": [
        {"identifier": name, "name": name, "accessMode": "rw",
         "dataType": {"type": "float", "specs": {"min": str(low), "max": str(high)}}} for name, (low, high) in ranges.items()]})


def prepare(stand, home, shell):
    """What the page's dialogues speak of; and the device that they speak to."""
    stand.vendor(open_id="7ED01E2A")
    product = stand.product(auth_type=0, kind="json", open_id="7ED01E2A", product_id=P, product_key=KEY)
    (home / "devices.csv").write_text(f"product_id,node_eui\n{P}01,A001\n{P}01,A002\n{P}01,A!\n".replace(f"{P}01", "AA30C506"),
                                      encoding="utf-8")
    stand.product(auth_type=1, kind="json", open_id="7ED01E2A", product_id="AA30C506")
    (home / "old.json").write_text(model(temp=(0, 100), humi=(0, 100)), encoding="utf-8")
    (home / "meter.json").write_text(model(temp=(0, 50)), encoding="utf-8")
    (home / "image").write_bytes(b"image")
    shell.must("export PATH=$PWD/build/bin:$PATH")
    shell.must(f"xgate device add {P}.20MQTTJ000121 --count 42; xgate model set {P} old.json")
    shell.must(f"for v in v2.1.4 other; do xgate firmware add {P} image --version $v --name $v; done")
    shell.must(f"xgate upgrade start {P} --version other --devices {P}.20MQTTJ000122")
    device = Simulator(stand, stand.device(product, "20MQTTJ000121", registered=False), DEVICE)
    wait_until(lambda: "v2.1.4" in shell.must(f"xgate device show {P}.20MQTTJ000121"), "the device to report its version")
    return device


def help_of(words):
    done = subprocess.run([builds.XGATE, *words, "--help"], capture_output=True, text=True, env=builds.xgate_environment(), timeout=60)
    return done.stdout if done.returncode == 0 else None


def usage_is_the_programs(block):
    for line in filter(None, re.sub(r"\n +", " ", re.sub(r" # .*", "", block)).splitlines()):
        path = re.match(r"xgate((?: [a-z][a-z-]*)*)", line)[1].split()
        while path and not (known := help_of(path)):
            path.pop()  # a word of send, which has no help of its own
        assert path, line
        for option in set(re.findall(r"--[a-z][a-z-]+", line)):
            assert re.search(rf"{option}\b", known), (line, option)


def scenario_runs(home, shell, block):
    """With its times and numbers made small."""
    text = block.replace('"5s"', '"10ms"').replace("count = 100", "count = 3").replace("times = 20", "times = 2")
    (home / "scenario.toml").write_text(text, encoding="utf-8")
    shell.must("xgate simulate --scenario scenario.toml --timeout-ms 20000")


def page_works(stand, page, locale):
    shell = terminal(stand, LC_ALL="", LC_MESSAGES=locale)
    home = stand.folder / "home"
    device = None
    try:
        device = prepare(stand, home, shell)
        for language, block in blocks_of(builds.SOURCE / page):
            if language == "console":
                run_dialogue(shell, block)
            elif language == "toml":
                scenario_runs(home, shell, block)
            else:
                assert language == "usage", language
                usage_is_the_programs(block)
    finally:
        if device:
            device.kill()
        shell.end()
