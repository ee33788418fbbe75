# SPDX-License-Identifier: Apache-2.0
"""Memory and descriptors of the parts, as the kernel counts them."""
import dataclasses
import os
import pathlib
import re


@dataclasses.dataclass
class Measured:
    pid: int
    memory_kb: int  # anonymous: not the pages of programs and libraries, which come and go
    descriptors: int


def measure(site):
    return {name: _of(part.process.pid) for name, part in (("broker", site.broker), ("service", site.service))}


def _of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    memory = int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M).group(1))
    return Measured(pid, memory, len(os.listdir(f"/proc/{pid}/fd")))


def slope(points):
    """Least squares over (seconds, value): the value's growth an hour."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_t = sum(t for t, _ in points) / count
    mean_v = sum(v for _, v in points) / count
    spread = sum((t - mean_t) ** 2 for t, _ in points)
    return 3600 * sum((t - mean_t) * (v - mean_v) for t, v in points) / spread if spread else 0.0
