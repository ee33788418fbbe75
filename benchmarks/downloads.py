# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

import parts
from quantity import Quantity


class Downloads(Quantity):
    name = "downloads"
    title = ("API latency p99 beside 200 slow firmware downloads", "200 个慢速固件下载旁的 API 延迟 p99")
    long = True

    def round(self, stage):
        if self.samples:
            return  # it has its own rounds, interleaved
        script = parts.builds.SOURCE / "benchmarks" / "downloads_beside_the_api.py"
        made = subprocess.run([sys.executable, str(script), "200", "--json"], capture_output=True, text=True, timeout=170)
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:])
        found = json.loads(next(line for line in made.stdout.splitlines() if line.startswith("{")))
        for key, value in found.items():
            self.note(key, value)

    def lines(self):
        return [self.at_most(self.title, ("the API alone", "仅 API"), self.ratio("p99 ms beside", "p99 ms alone"), 1.25)]
