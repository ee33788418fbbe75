# SPDX-License-Identifier: Apache-2.0
"""Rows that are a file for a command of `xgate`: `argv` names it as FILE, `file` is its text.

`expect`: "exit N"; `says`: a text that the command's complaint holds. Killed by a signal is never as it must be.
"""
import subprocess

from stand import builds
from stand.waiting import seconds

from .notation import shown, text
from .scene import View


class ProgramCases:
    def __init__(self, scene):
        self.scene = scene

    def run(self, case):
        view = View(self.scene, self.scene.devices["web"])
        path = self.scene.stand.folder / case.get("name", "bad-input.toml")
        path.write_bytes(text(case.file, view))
        argv = [str(path) if part == "FILE" else text(part, view).decode() for part in case.argv]
        run = subprocess.run([builds.XGATE, *argv], capture_output=True, timeout=seconds(30), stdin=subprocess.DEVNULL,
                             env={**builds.xgate_environment(), "XGATE_URL": self.scene.stand.service.url,
                                  "XGATE_TOKEN_FILE": str(self.scene.stand.service.token_file)}, check=False)
        said = (run.stdout + run.stderr).decode("utf-8", "replace")
        came = f"exit {run.returncode}"
        if case.get("says") and case.says not in said or "Sanitizer" in said or "terminate called" in said:
            came += f", saying {said[-300:]!r}"
        yield "", " ".join(case.argv) + ": " + shown(path.read_bytes()), came

    def unrecorded(self):
        return []
