# SPDX-License-Identifier: Apache-2.0
"""The way between the broker and everybody else.

Where it is permitted, a veth pair between two network namespaces: the broker lives alone in one, so that packets to and
from it can really be lost, delayed or swallowed. Where it is not, a proxy of TCP streams, which can only hold them back.
"""
import os
import pathlib
import signal
import subprocess
import sys

from stand.ports import take_port
from stand.processes import Process

_HERE = pathlib.Path(__file__).parent
NEAR, _FAR = "10.77.0.1", "10.77.0.2"


def _ip(*words, far=None):
    enter = ["nsenter", f"--net=/proc/{far}/ns/net"] if far else []
    subprocess.run([*enter, "ip", *words], check=True, capture_output=True, text=True)


class Ordered:
    """A helper process that says `ready`, then answers orders."""

    def __init__(self, *argv):
        self.popen = subprocess.Popen([sys.executable, *map(str, argv)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, start_new_session=True)
        line = self.popen.stdout.readline().strip()
        if line != "ready":
            raise RuntimeError(f"{argv[0]} did not start")

    def order(self, words):
        self.popen.stdin.write(words + "\n")
        self.popen.stdin.flush()
        return self.popen.stdout.readline().strip()

    def end(self):
        self.popen.kill()
        self.popen.wait()
        self.popen.stdin.close()
        self.popen.stdout.close()


class Namespaces:
    """This process has a network namespace of its own already (campaign.py sees to that)."""
    packets = True

    def __init__(self, folder):
        _ip("link", "set", "lo", "up")
        self._holder = Process("the broker's namespace", ["unshare", "--net", "sleep", "infinity"], folder / "namespace.log")
        self._holder.wait_ready(self._apart, "the namespace is there")
        self.far = self._holder.pid
        _ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", str(self.far))
        for device, address, far in (("near0", NEAR, None), ("far0", _FAR, self.far)):
            _ip("address", "add", f"{address}/30", "dev", device, far=far)
            _ip("link", "set", device, "up", far=far)
        _ip("link", "set", "lo", "up", far=self.far)
        self.broker_binds = (_FAR, take_port())
        self.address = self.broker_binds
        self._relay = None

    def _apart(self):
        mine, theirs = (os.readlink(f"/proc/{pid}/ns/net") for pid in ("self", self._holder.pid))
        command = pathlib.Path(f"/proc/{self._holder.pid}/comm").read_text().strip()
        return mine != theirs and command == "sleep"

    def enter(self, argv):
        """How a program starts on the broker's side."""
        return ["nsenter", f"--net=/proc/{self.far}/ns/net", "--", *argv]

    def worsen(self, loss, delay_ms, seed):
        """From now on every packet takes its chance, those of connections that are open as well."""
        if self._netem(loss, delay_ms):
            return "netem"
        self._relay = Ordered(_HERE / "lossy_link.py", self.far, "lossy0", "lossy1", loss, delay_ms, seed)
        _ip("route", "add", f"{_FAR}/32", "dev", "lossy0", "src", NEAR)
        _ip("route", "add", f"{NEAR}/32", "dev", "lossy1", "src", _FAR, far=self.far)
        return "a relay of packets (this kernel has no netem)"

    def _netem(self, loss, delay_ms):
        qdisc = ["root", "netem", "loss", f"{loss * 100}%", "delay", f"{delay_ms}ms", f"{delay_ms / 2}ms"]
        near = subprocess.run(["tc", "qdisc", "add", "dev", "near0", *qdisc], capture_output=True)
        if near.returncode:
            return False
        subprocess.run(["nsenter", f"--net=/proc/{self.far}/ns/net", "tc", "qdisc", "add", "dev", "far0", *qdisc],
                       check=True, capture_output=True)
        return True

    def restore(self):
        if self._relay is None:
            for device, enter in (("near0", []), ("far0", ["nsenter", f"--net=/proc/{self.far}/ns/net"])):
                subprocess.run([*enter, "tc", "qdisc", "del", "dev", device, "root"], capture_output=True)
            return
        _ip("route", "del", f"{_FAR}/32")
        _ip("route", "del", f"{NEAR}/32", far=self.far)
        self._relay.end()
        self._relay = None

    def end(self):
        self._holder.stop(signal.SIGKILL)


class Streams:
    """The fall-back: everybody reaches the broker by a proxy."""
    packets = False

    def __init__(self, _folder):
        self.broker_binds = ("127.0.0.1", take_port())
        self.address = ("127.0.0.1", take_port())
        self._proxy = Ordered(_HERE / "stream_proxy.py", "tcp:{}:{}".format(*self.address),
                              "tcp:{}:{}".format(*self.broker_binds))

    def enter(self, argv):
        return argv

    def worsen(self, loss, delay_ms, _seed):
        self._proxy.order("swallow" if loss >= 1 else f"stall {loss} {delay_ms * 4 / 1000}")
        return "a proxy of streams (network namespaces are not permitted here)"

    def restore(self):
        self._proxy.order("pass")

    def end(self):
        self._proxy.end()


def make(folder):
    return Namespaces(folder) if os.environ.get("XGATE_FAULTS_PRIVATE") else Streams(folder)
