# SPDX-License-Identifier: Apache-2.0
"""A machine within this one: mounts, network and processes of its own, and a way out to Debian's packages.

    with Machine(folder) as machine: machine.run([…])

Everything in it ends with its first process, and that with us, however we end; its mounts and its network are gone
with it. slirp4netns is the way out: a process that makes connections for the other side, so that no route, rule or
interface of this machine changes."""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_NAMESERVER = "10.0.2.3"  # slirp4netns': asks whom this machine asks
_PATH = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"  # Debian's programs, whatever else is installed


class Unfit(Exception):
    """Why there can be no such machine here."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def check_fitness():
    if os.geteuid() != 0:
        raise Unfit("only root can have a container engine of its own")
    if not pathlib.Path("/dev/net/tun").exists():
        raise Unfit("there is no /dev/net/tun, which a network of its own needs")
    if "overlay" not in pathlib.Path("/proc/filesystems").read_text(encoding="utf-8"):
        raise Unfit("this kernel has no overlay file systems")
    if subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False,
                      capture_output=True).returncode:
        raise Unfit("root may not make namespaces here")
    for program in ("dockerd", "docker", "slirp4netns", "iptables"):
        if shutil.which(program, path=_PATH) is None:
            raise Unfit(f"{program} is not installed")


def main():
    """Says why there can be none here."""
    try:
        check_fitness()
    except Unfit as unfit:
        print(unfit)
        sys.exit(1)


class Machine:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.cgroup = f"xgate-containers-{os.getpid()}"
        self._first = None
        self._way_out = None

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def _begin(self):
        names = self.folder / "resolv.conf"
        names.write_text(f"nameserver {_NAMESERVER}\n", encoding="utf-8")
        # /run is where engines, iptables and others meet: not those of this machine
        lay = (f"mount -t tmpfs none /run && mount --bind {names} \"$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)\""
               " && ip link set lo up && echo ready && exec sleep infinity")
        self._first = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc", "sh", "-c", lay],
            preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self._first.stdout.readline() != "ready\n":
            raise RuntimeError("the machine's namespaces could not be made")
        children = pathlib.Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children")
        self._inside = children.read_text(encoding="utf-8").split()[0]
        ready, told = os.pipe()
        self._way_out = subprocess.Popen(
            ["slirp4netns", "--configure", "--mtu=1500", "--disable-host-loopback", f"--ready-fd={told}",
             self._inside, "tap0"],
            preexec_fn=_die_with_parent, pass_fds=[told], stdin=subprocess.DEVNULL,
            stdout=(self.folder / "slirp4netns.log").open("w"), stderr=subprocess.STDOUT)
        os.close(told)
        with os.fdopen(ready) as pipe:
            if pipe.read(1) != "1":
                raise RuntimeError(f"slirp4netns: {(self.folder / 'slirp4netns.log').read_text(encoding='utf-8')}")

    def command(self, argv):
        return ["nsenter", f"--target={self._inside}", "--mount", "--net", "--pid", "--ipc", "--root",
                f"--wdns={os.getcwd()}", "--", *map(str, argv)]

    def popen(self, argv, env=None, **options):
        return subprocess.Popen(self.command(argv), preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL,
                                env={**os.environ, "PATH": _PATH, **(env or {})}, **options)

    def run(self, argv, timeout=120, env=None, check=True, stdin=None):
        """The output, both streams in one."""
        run = subprocess.run(self.command(argv), preexec_fn=_die_with_parent, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=timeout, check=False, text=True, errors="replace",
                             env={**os.environ, "PATH": _PATH, **(env or {})},
                             **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}))
        if check and run.returncode:
            raise AssertionError(f"{' '.join(map(str, argv))} ended with {run.returncode}:\n{run.stdout[-4000:]}")
        return run.stdout if check else run

    def end(self):
        for process in (self._first, self._way_out):
            if process is not None:
                process.kill()
                process.wait()
        self._remove_cgroups()

    def _remove_cgroups(self):
        """What the engine made there is empty once its processes are gone, which takes a moment."""
        deadline = time.monotonic() + 10
        while True:
            left = [pathlib.Path(folder) for root in pathlib.Path("/sys/fs/cgroup").glob(f"**/{self.cgroup}")
                    for folder, *_ in os.walk(root, topdown=False)]
            for folder in left:
                try:
                    folder.rmdir()
                except OSError:
                    pass
            if not any(folder.exists() for folder in left) or time.monotonic() > deadline:
                return
            time.sleep(0.1)


if __name__ == "__main__":
    main()
