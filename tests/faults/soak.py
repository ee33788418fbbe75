# SPDX-License-Identifier: Apache-2.0
"""Load without faults for a long time, and the slope of memory and descriptors."""
import json
import pathlib
import re
import sys
import time

import faults
from measure import measure, slope

_UNITS = {"s": 1, "m": 60, "h": 3600}
_EVERY = 5          # seconds between two looks
_SHIFT = 60         # seconds of one piece of load: then the record is held against the database, as after a round
_WARM = 0.2         # of the time, before which nothing is counted: pools, caches and queues take their size


def seconds_of(text):
    match = re.fullmatch(r"(\d+)([smh])", text)
    if not match:
        sys.exit(f"./faults: --soak {text}: a number with s, m or h, such as 30m")
    return int(match.group(1)) * _UNITS[match.group(2)]


def run(campaign, options):
    length, began = seconds_of(options.soak), time.monotonic()
    points = {(part, what): [] for part in ("broker", "service") for what in ("memory_kb", "descriptors")}
    complaints, sums = [], {"sent": 0, "acked": 0, "stored": 0}
    while (passed := time.monotonic() - began) < length and not complaints:
        shift = campaign.shift(faults.NO_FAULT, lambda: _watch(campaign, began, min(_SHIFT, length - passed), points))
        complaints += shift["complaints"]
        for key in sums:
            sums[key] += shift.get(key, 0)
        print(f"{time.monotonic() - began:6.0f} s  " + "  ".join(
            f"{part} {points[part, 'memory_kb'][-1][1]} kB, {points[part, 'descriptors'][-1][1]} descriptors"
            for part in ("broker", "service")) + "".join(f"\n    {c}" for c in shift["complaints"]), flush=True)
    found = {"seed": options.seed, "seconds": round(time.monotonic() - began), **sums, "complaints": complaints,
             "slope_per_hour": {f"{part} {what}": round(slope(_after_warming(points[part, what])), 1)
                                for part, what in points}, "points": {f"{p} {w}": v for (p, w), v in points.items()}}
    _tell(found)
    if options.json:
        text = json.dumps(found, indent=1)
        print(text) if options.json == "-" else pathlib.Path(options.json).write_text(text + "\n", encoding="utf-8")
    return 1 if complaints else 0


def _watch(campaign, began, length, points):
    end = time.monotonic() + length
    while time.monotonic() < end:
        for part, measured in measure(campaign.site).items():
            for what in ("memory_kb", "descriptors"):
                points[part, what].append((round(time.monotonic() - began, 1), getattr(measured, what)))
        time.sleep(min(_EVERY, max(0.0, end - time.monotonic())))


def _after_warming(points):
    return [(t, v) for t, v in points if t >= _WARM * points[-1][0]]


def _tell(found):
    print(f"\nsoak of {found['seconds']} s: {found['sent']} sent, {found['acked']} acked, {found['stored']} stored; the slope "
          f"by least squares, after the first {_WARM:.0%}:")
    for name, value in found["slope_per_hour"].items():
        part, what = name.split()
        print(f"  {part:8} {value:+10.1f} {'kB/h' if what == 'memory_kb' else 'descriptors/h'}")
