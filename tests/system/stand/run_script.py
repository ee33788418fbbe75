# SPDX-License-Identifier: Apache-2.0
"""./run as an ordinary user of Debian would have it: a checkout of the parts under test, on free ports."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from . import builds
from .ports import take_port
from .processes import Process

USER = "postgres"  # somebody without rights who is there anyway, when the test is root's
USERS_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"  # /etc/login.defs: no sbin


def run_as_user(argv):
    if os.geteuid() != 0:
        return argv
    user = pwd.getpwnam(USER)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=KILL", "--"] + argv


class Checkout:
    """What ./run would install and build stands beside it already: it does neither but where `builds_itself`."""

    def __init__(self, builds_itself=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xgate-run-"))
        for name, source in (("bin/xgate", builds.XGATE), ("lib/mosquitto_xgate.so", builds.PLUGIN)):
            target = self.folder / "build" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        shutil.copy2(builds.SOURCE / "run", self.folder)
        shutil.copytree(builds.SOURCE / "deploy", self.folder / "deploy")
        self.mqtt_port, self.http_port, self.tls_port = take_port(), take_port(), take_port()
        self.download_port = take_port()
        self.state = self.folder / "state"
        self.process, self._starts, self._builds_itself = None, 0, builds_itself
        self._own(self.folder)

    def _own(self, folder):
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{USER}:", str(folder)], check=True)
            os.chmod(folder, 0o755)

    def command(self, *arguments, by_root=False):
        argv = [str(self.folder / "run"), "--state", str(self.state), "--mqtt-port", str(self.mqtt_port),
                "--http-port", str(self.http_port), "--download-port", str(self.download_port), *arguments]
        return argv if by_root else run_as_user(argv)

    def environment(self):
        own = {"HOME": str(self.folder), "PATH": USERS_PATH}
        if not self._builds_itself:
            own["XGATE_RUN_CHECKOUT"] = str(self.folder)
        return {**builds.xgate_environment(), **own}

    def move(self, name):
        """Everything, its state with it, to a folder of that name beside it."""
        place = self.folder.parent / f"{self.folder.name} {name}"
        self.folder.rename(place)
        self.folder, self.state = place, place / "state"

    def start(self, *arguments, by_root=False, environment=None):
        self._starts += 1
        self.process = Process("./run", self.command(*arguments, by_root=by_root), self.folder / f"run.{self._starts}.out",
                               env={**self.environment(), **(environment or {})}, cwd=str(self.folder))

    def wait_ready(self):
        self.process.wait_ready(lambda: any(line.startswith("ready") for line in self.process.log().splitlines()),
                                "the line that begins `ready`", 60)

    def client_environment(self):
        return {**builds.xgate_environment(), "XGATE_URL": f"http://127.0.0.1:{self.http_port}",
                "XGATE_TOKEN_FILE": str(self.state / "admin.token")}

    def xgate(self, *arguments):
        """By whom the state belongs to: root's xgate follows no link of another user's."""
        argv = [str(self.folder / "build/bin/xgate"), *arguments]
        done = subprocess.run(argv if (self.state / "admin.token").lstat().st_uid == os.geteuid() else run_as_user(argv),
                              capture_output=True, text=True, timeout=60, env=self.client_environment())
        assert done.returncode == 0, done
        return done.stdout

    def processes(self):
        """Whatever on this machine was started from this checkout."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                cwd = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(self.folder) in line or cwd.startswith(str(self.folder)):
                found.append(f"{entry.name} {line}")
        return found

    def remove(self):
        if self.process:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
