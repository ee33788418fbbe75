#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./bench: --list names every quantity in both languages, builds and starts nothing, and a name that there is not is
refused. What it measures is measured by hand: never in a test."""
import subprocess
import tempfile

from stand import builds

BENCH = builds.SOURCE / "bench"
NAMES = ["login", "publish", "uplinks", "latency", "hex", "hostile", "fairness", "snapshot", "memory", "change",
         "growth-devices", "growth-connections", "downloads"]

with tempfile.TemporaryDirectory() as folder:
    def bench(*options):
        return subprocess.run([BENCH, *options], capture_output=True, text=True, timeout=60, cwd=folder,
                              env={**builds.xgate_environment(), "TMPDIR": folder, "XGATE_BUILD_DIR": str(builds.BUILD)})

    listed = bench("--list")
    assert listed.returncode == 0, listed
    assert [line.split()[0] for line in listed.stdout.splitlines()] == NAMES, listed.stdout
    assert all(" · " in line for line in listed.stdout.splitlines()), listed.stdout

    unknown = bench("--only", "nonsense")
    assert unknown.returncode != 0 and "nonsense" in unknown.stderr and "uplinks" in unknown.stderr, unknown

    described = bench("--help")
    assert described.returncode == 0 and "--write-docs" in described.stdout, described
print("bench_lists_what_it_measures: as required")
