#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every time that the command line prints is this machine's, with its zone, in a refusal's sentences as in its columns, and is taken
as input as it was printed."""
import datetime
import re

from stand import run
from stand.raw_mqtt import RawClient
from stand.terminal import on_a_terminal
from stand.waiting import wait_until

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? [+-]\d\d:\d\d"
ZONES = {"Asia/Shanghai": "+08:00", "UTC": "+00:00"}


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f %z" if "." in text else "%Y-%m-%d %H:%M:%S %z").timestamp()


def cli_times_are_of_one_zone(stand):
    device = stand.device()
    client_id, username, _ = device.v2_credentials()
    for _failure in range(9):
        raw = RawClient(stand.broker.port)
        assert raw.login(client_id, username, "00" * 48) == 5
        raw.close()
    wait_until(lambda: len(stand.service.items("/refusals")) == 9, "all of them to be on record")
    told = [r for r in stand.service.items("/refusals") if "the next wrong one counts at" in r["reason"]]
    assert told
    for zone, offset in ZONES.items():
        lines = on_a_terminal(stand, 100, "refusals", device.name, TZ=zone)
        text = "\n".join(lines)
        assert not re.search(r"\d{4}-\d\d-\d\dT", text) and "Z, in" not in text, text
        times = re.findall(TIME, re.sub(r"\s+", " ", text))
        assert len(times) == 9 + len(told) and all(time.endswith(offset) for time in times), (times, text)
        for refusal in told:
            utc = re.search(r"counts at (\S+Z)", refusal["reason"])[1]
            at = datetime.datetime.fromisoformat(utc.replace("Z", "+00:00")).timestamp()
            assert at in [moment(time) for time in times], (utc, times)
        rows = stand.xgate("refusals", device.name, TZ=zone).stdout.splitlines()
        assert rows[0].startswith(f"refused_at {offset}  "), rows[0]
        refused_at = [time for time in times if "." in time]
        newest = max(refused_at, key=moment)
        sentence = max((time for time in times if "." not in time), key=moment)
        for written, meant in ((newest, newest), (newest[:23], newest), (newest.replace(" ", "T", 1).replace(" ", ""), newest),
                               (sentence, sentence)):
            found = on_a_terminal(stand, 100, "refusals", device.name, "--since", written, TZ=zone)
            assert [line[:30] for line in found if line.startswith("20")] == [
                time for time in refused_at if moment(time) >= moment(meant)], (written, found)


run(cli_times_are_of_one_zone)
