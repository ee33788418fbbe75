#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packets between two network namespaces by way of two TUN devices and this program, which loses and delays them: what
netem does, for kernels without it. Seeded.

    lossy_link.py FAR_PID NEAR_DEVICE FAR_DEVICE LOSS DELAY_MS SEED      LOSS 1 swallows everything
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_libc = ctypes.CDLL(None, use_errno=True)


def _open_tun(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return tun


def _enter(pid):
    with open(f"/proc/{pid}/ns/net", "rb") as namespace:
        if _libc.setns(namespace.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")


def _relay(one, other, loss, delay, dice):
    """Loses with probability `loss`, delivers the others after 0.5 to 1.5 times `delay`, so also out of order."""
    waiting, number = [], 0
    ends = {one: other, other: one}
    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select(list(ends), [], [], pause)
        for tun in readable:
            packet = os.read(tun, 65536)
            if dice.random() >= loss:
                number += 1
                heapq.heappush(waiting, (time.monotonic() + delay * (0.5 + dice.random()), number, ends[tun], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, tun, packet = heapq.heappop(waiting)
            try:
                os.write(tun, packet)
            except OSError:
                pass  # the device's queue is full: lost as well


def main():
    far_pid, near_name, far_name, loss, delay_ms, seed = sys.argv[1:]
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    near = _open_tun(near_name)
    _enter(far_pid)
    far = _open_tun(far_name)
    print("ready", flush=True)
    _relay(near, far, float(loss), float(delay_ms) / 1000, random.Random(seed))


main()
