# SPDX-License-Identifier: Apache-2.0
"""What one run stands up, each part when the first quantity asks for it: so `--only NAME` starts no more than it needs."""
import contextlib
import functools
import os
import signal

import parts


class Stage:
    SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}

    def __init__(self, quick, say):
        self.quick, self.say = quick, say
        self.folder = parts.Folder()
        self.started = []
        self.known = {}  # what one quantity found and another builds on: the ceiling

    def seconds(self, full):
        """Of one measurement."""
        return full / 2 if self.quick else full

    @functools.cached_property
    def cluster(self):
        return parts.start_postgres()

    @functools.cached_property
    def _directories(self):
        return {}

    def directory(self, size):
        if size not in self._directories:
            self.say(f"filling {size} devices")
            self._directories[size] = parts.Directory(self.cluster, self.SIZES[size])
        return self._directories[size]

    @functools.cached_property
    def _made(self):
        return {}

    def _make(self, name, make):
        if name not in self._made:
            self.say(f"starting {name}")
            self._made[name] = make()
            self.started.append(self._made[name])
        return self._made[name]

    @contextlib.contextmanager
    def alone(self, gate):
        """The other brokers that know this directory stand still: told to read all of it, each would, on the same cores."""
        others = [other for other in self.started
                  if isinstance(other, parts.Gate) and other is not gate and other.directory is gate.directory]
        for other in others:
            os.kill(other.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                os.kill(other.pid, signal.SIGCONT)
            for other in others:
                parts.settle(other.pid)

    def bare(self, size="1M"):
        """A broker with the plugin and nobody who listens."""
        return self._make(f"bare-{size}", lambda: parts.Gate(self.folder, f"bare-{size}", self.directory(size)))

    def whole(self, size="1M"):
        """Broker and service."""
        def make():
            gate = parts.Gate(self.folder, f"whole-{size}", self.directory(size))
            gate.start_service()
            gate.give_model_and_script()
            return gate
        return self._make(f"whole-{size}", make)

    def limited(self):
        """Broker and service with the limits as they are shipped."""
        def make():
            gate = parts.Gate(self.folder, "limited", self.directory("10k"), "limited", options=[])
            gate.start_service()
            return gate
        return self._make("limited", make)

    def echo(self):
        def make():
            gate = parts.Gate(self.folder, "echo", self.directory("1M"))
            gate.start_echo()
            return gate
        return self._make("echo", make)

    def one_by_one(self):
        """Broker and a service that commits every message alone."""
        def make():
            self.whole()  # which gives the model and the script
            # a name of its own: one service consumes one broker
            gate = parts.Gate(self.folder, "one-by-one", self.directory("1M"), "second")
            gate.start_service("[ingest]\nbatch = 1\n")
            return gate
        return self._make("one-by-one", make)

    def other(self, kind):
        return self._make(kind, lambda: parts.OtherBroker(self.folder, kind, self.directory("1M")))

    def forget(self, name):
        """Ends a part for good; the next one who asks starts it anew."""
        part = self._made.pop(name)
        self.started.remove(part)
        part.stop()

    def remove(self):
        for part in self.started:
            part.stop()
        if "cluster" in self.__dict__:
            self.cluster.remove()
        self.folder.remove()
