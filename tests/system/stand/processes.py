# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the test."""
import atexit
import ctypes
import os
import pathlib
import signal
import subprocess

from .waiting import DeadlinePassed, seconds, wait_until

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_running = []


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One real part, in its own process group, its output in a log file that only grows."""

    def __init__(self, name, argv, log_path, env=None, cwd=None, pass_stdin=None):
        self.name = name
        self.argv = argv
        self.log_path = log_path
        self._log = open(log_path, "ab")
        self.popen = subprocess.Popen(
            argv, stdin=pass_stdin or subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env=env, cwd=cwd, start_new_session=True, preexec_fn=_die_with_parent)
        _running.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def log(self):
        with open(self.log_path, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self, timeout=20):
        try:
            return self.popen.wait(seconds(timeout))
        except subprocess.TimeoutExpired:
            raise DeadlinePassed(f"{self.name} did not end within {seconds(timeout):.0f} s") from None

    def stop(self, number=signal.SIGTERM, timeout=20):
        """Asks it to end; the exit status. One that does not end is killed and reported."""
        if self.running():
            self.send_signal(number)
        try:
            return self.wait(timeout)
        finally:
            self.kill()

    def kill(self):
        """kill -9 of the whole group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        if not self._log.closed:
            self._log.close()
        if self in _running:
            _running.remove(self)

    def wait_ready(self, condition, what, timeout=20):
        def ready():
            if not self.running():
                raise AssertionError(
                    f"{self.name} ended with {self.popen.returncode} before {what}:\n{tail(self.log())}")
            return condition()
        return wait_until(ready, what, timeout)


def resident_mib(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


def descriptors_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def tail(text, lines=60):
    return "\n".join(text.splitlines()[-lines:])


@atexit.register
def kill_all():
    for process in list(_running):
        process.kill()
