#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A proxy of streams that can be bad: one program, so that it has an interpreter of its own and dies with its parent.

    stream_proxy.py LISTEN TARGET     each unix:PATH or tcp:HOST:PORT

Reads orders, a line each, and says `ok` to each:
    pass              what comes goes on (so it begins)
    delay SECONDS     everything goes on, that much later, in both directions
    swallow           everything is read and kept back, nothing goes on; `pass` sends what was kept
    stall P SECONDS   each piece is held back with probability P for that long: what 30 % loss looks like above TCP
    cut-commits N     the next N answers to a COMMIT are swallowed and their connections cut: the commit is done, and
                      nobody was told; `left` then says how many of them are still to come
    cut               ends every connection
"""
import asyncio
import ctypes
import os
import random
import signal
import sys

_CHUNK = 65536


class Proxy:
    def __init__(self, target):
        self.target = target
        self.pairs = set()
        self.delay, self.stall, self.cuts = 0.0, None, 0
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def accept(self, reader, writer):
        try:
            far_reader, far_writer = await _connect(self.target)
        except OSError:
            writer.close()
            return
        pair = Pair(self, reader, writer, far_reader, far_writer)
        self.pairs.add(pair)
        await pair.run()
        self.pairs.discard(pair)

    def order(self, words):
        name, *values = words
        if name == "pass":
            self.delay, self.stall, self.cuts = 0.0, None, 0
            self.flowing.set()
        elif name == "delay":
            self.delay = float(values[0])
        elif name == "swallow":
            self.flowing.clear()
        elif name == "stall":
            self.stall = (float(values[0]), float(values[1]))
        elif name == "cut-commits":
            self.cuts = int(values[0])
        elif name == "left":
            return str(self.cuts)
        elif name == "cut":
            for pair in list(self.pairs):
                pair.cut()
        else:
            return f"unknown order {name}"
        return "ok"


class Pair:
    def __init__(self, proxy, near_reader, near_writer, far_reader, far_writer):
        self.proxy = proxy
        self.near, self.far = (near_reader, near_writer), (far_reader, far_writer)
        self.committing = False

    async def run(self):
        tasks = [asyncio.create_task(self._pump(self.near[0], self.far[1], self._asked)),
                 asyncio.create_task(self._pump(self.far[0], self.near[1], self._answered))]
        # either side's end is the end of both, as with a process that dies
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.cut()
        for task in tasks:
            task.cancel()

    def cut(self):
        for _, writer in (self.near, self.far):
            writer.transport.abort()

    def _asked(self, data):
        self.committing = self.committing or b"COMMIT" in data
        return True

    def _answered(self, _data):
        if not self.committing:
            return True
        self.committing = False
        if self.proxy.cuts == 0:
            return True
        self.proxy.cuts -= 1
        return False

    async def _pump(self, reader, writer, may_pass):
        while True:
            try:
                data = await reader.read(_CHUNK)
                if not data or not may_pass(data):
                    return
                if self.proxy.delay:
                    await asyncio.sleep(self.proxy.delay)
                if self.proxy.stall and random.random() < self.proxy.stall[0]:
                    await asyncio.sleep(self.proxy.stall[1])
                await self.proxy.flowing.wait()
                writer.write(data)
                await writer.drain()
            except (OSError, ConnectionError):
                return


def _parts(address):
    kind, rest = address.split(":", 1)
    if kind == "unix":
        return kind, rest, None
    host, port = rest.rsplit(":", 1)
    return kind, host, int(port)


async def _connect(address):
    kind, where, port = _parts(address)
    return await (asyncio.open_unix_connection(where) if kind == "unix" else asyncio.open_connection(where, port))


async def _listen(proxy, address):
    kind, where, port = _parts(address)
    if kind == "unix":
        server = await asyncio.start_unix_server(proxy.accept, where)
        os.chmod(where, 0o777)
        return server
    return await asyncio.start_server(proxy.accept, where, port, backlog=4096)


async def main():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    random.seed(0)
    proxy = Proxy(sys.argv[2])
    await _listen(proxy, sys.argv[1])
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print("ready", flush=True)
    while line := await orders.readline():
        print(proxy.order(line.decode().split()), flush=True)


asyncio.run(main())
