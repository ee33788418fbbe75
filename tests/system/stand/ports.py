# SPDX-License-Identifier: Apache-2.0
"""Free ports that no test running beside this one can be given as well."""
import fcntl
import os
import random
import socket
import tempfile

_held = []  # lock files, for the life of this process


def take_port():
    folder = os.path.join(tempfile.gettempdir(), "xgate-test-ports")
    os.makedirs(folder, exist_ok=True)
    # below the kernel's own range, so that no outgoing connection takes it between here and the bind
    for port in random.sample(range(20000, 32000), 500):
        try:
            lock = open(os.path.join(folder, str(port)), "a")
        except PermissionError:
            continue  # another user's
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return port
    raise RuntimeError("no free port between 20000 and 32000")


def is_listening(port, address="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0
