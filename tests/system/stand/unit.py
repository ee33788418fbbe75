# SPDX-License-Identifier: Apache-2.0
"""What a unit of systemd leaves a program, where there is no systemd: `unit.py UNIT COMMAND…` becomes the command with the unit's
SystemCallFilter, RestrictAddressFamilies, RestrictNamespaces, MemoryDenyWriteExecute and UMask; without any capability, and
never with more privileges. Mounts (ProtectSystem and its like) are not imitated."""
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
_NE, _LT, _LE, _EQ, _GE, _GT, _MASKED_EQ = range(1, 8)
_PROT_WRITE, _PROT_EXEC = 2, 4
# CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
_PR_SET_NO_NEW_PRIVS = 38


class _Argument(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def can_be_imitated():
    """systemd's groups of system calls are its own to tell."""
    return shutil.which("systemd-analyze") is not None


def command(unit):
    """What a command is put behind, to run as in this unit."""
    without = ["setpriv", "--no-new-privs"]
    if os.geteuid() == 0:
        without += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
    return [*without, "--", sys.executable, "-B", __file__, str(unit)]


class _Unit:
    def __init__(self, path):
        self.values = {}
        for name, value in re.findall(r"^(\w+)=(.*)$", pathlib.Path(path).read_text(encoding="utf-8"), re.M):
            self.values.setdefault(name, []).append(value)

    def one(self, name):
        return self.values[name][-1]

    def system_calls(self):
        """The names that are allowed."""
        allowed = set(_group("@default"))  # those of systemd's own
        for value in self.values["SystemCallFilter"]:
            names = {name for word in value.lstrip("~").split() for name in (_group(word) if word.startswith("@") else [word])}
            allowed = allowed - names if value.startswith("~") else allowed | names
        return allowed


def _group(name):
    told = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], check=True, capture_output=True, text=True).stdout
    for word in re.findall(r"^ +([@\w-]+)$", told, re.M):
        yield from _group(word) if word.startswith("@") else [word]


class _Filter:
    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action, name, *arguments):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # of another architecture, or not known here
        array = (_Argument * max(len(arguments), 1))(*arguments)
        done = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(arguments), array)
        if done != 0:
            raise OSError(-done, f"the rule for {name} could not be added")

    def load(self):
        if (done := self.library.seccomp_load(self.context)) != 0:
            raise OSError(-done, "the filter could not be loaded")


def _apply(unit):
    calls = _Filter(ERRNO | EPERM)
    for name in sorted(unit.system_calls() | {"execve"}):
        calls.add(ALLOW, name)
    more = _Filter(ALLOW)
    allowed = {_FAMILIES[name] for name in unit.one("RestrictAddressFamilies").split()}
    for family in set(range(46)) - allowed:
        more.add(ERRNO | EAFNOSUPPORT, "socket", _Argument(0, _EQ, family, 0))
    if unit.one("MemoryDenyWriteExecute") == "yes":
        both = _PROT_WRITE | _PROT_EXEC
        more.add(ERRNO | EPERM, "mmap", _Argument(2, _MASKED_EQ, both, both))
        more.add(ERRNO | EPERM, "mprotect", _Argument(2, _MASKED_EQ, _PROT_EXEC, _PROT_EXEC))
    if unit.one("RestrictNamespaces") == "yes":
        more.add(ERRNO | ENOSYS, "clone3")
        more.add(ERRNO | EPERM, "setns")
        for flag in _NAMESPACES:
            for name in ("clone", "unshare"):
                more.add(ERRNO | EPERM, name, _Argument(0, _MASKED_EQ, flag, flag))
    more.load()
    calls.load()


def main():
    unit = _Unit(sys.argv[1])
    assert unit.one("CapabilityBoundingSet") == "" and unit.one("NoNewPrivileges") == "yes", sys.argv[1]
    os.umask(int(unit.one("UMask"), 8))
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _apply(unit)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
