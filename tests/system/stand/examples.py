# SPDX-License-Identifier: Apache-2.0
"""The examples of a documentation page, and a shell to paste them into."""
import os
import re
import signal
import subprocess
import threading

from .waiting import seconds


def examples_of(path):
    """The commands of a page's shell blocks, continued lines joined, each with the output that stands below it."""
    text = path.read_text(encoding="utf-8")
    examples = []
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S):
        said = None
        for line in block.replace("\\\n", " ").splitlines():
            if not line.strip():
                said = None
            elif not line.startswith("#"):
                said = []
                examples.append((re.sub(r"\s+# .*$", "", line), said))
            elif said is not None:
                said.append(line.removeprefix("# "))
    return examples


class Shell:
    """Somebody's terminal: what is typed stays typed, what runs in the background goes on."""

    def __init__(self, folder, environment, program="bash"):
        self._shell = subprocess.Popen([program], cwd=folder, env=environment, text=True, start_new_session=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """Status and output."""
        self._shell.stdin.write(f'{command}\nprintf "\\n@@@%d\\n" $?\n')
        self._shell.stdin.flush()
        patience = threading.Timer(seconds(60), self.end)
        patience.start()
        lines = []
        for line in self._shell.stdout:
            if line.startswith("@@@"):
                patience.cancel()
                return int(line.removeprefix("@@@")), "".join(lines)
            lines.append(line)
        raise AssertionError(f"{command}: no end\n{''.join(lines)}")

    def end(self):
        try:
            os.killpg(self._shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._shell.wait()
