# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate` with a scenario that runs until it is interrupted."""
import json
import signal
import subprocess

from . import builds
from .waiting import seconds


class Simulator:
    def __init__(self, stand, device, scenario):
        path = stand.folder / f"{device.node_eui}.toml"
        path.write_text(scenario, encoding="utf-8")
        self._popen = subprocess.Popen(
            [builds.XGATE, "simulate", device.name, "--scenario", str(path), "--port", str(stand.broker.port),
             "--login-type", "0", "--timeout-ms", "20000", "--json"],
            stdout=subprocess.PIPE, text=True,
            env={**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                 "XGATE_TOKEN_FILE": str(stand.service.token_file)})

    def end(self):
        """Ctrl-C: its exit status, its summary, and the faults it found."""
        self._popen.send_signal(signal.SIGINT)
        out, _ = self._popen.communicate(timeout=seconds(30))
        lines = [json.loads(line) for line in out.splitlines()]
        return self._popen.returncode, lines[-1], [line for line in lines if line["name"] == "fault"]

    def kill(self):
        self._popen.kill()
        self._popen.wait()
