# SPDX-License-Identifier: Apache-2.0
"""All the devices of a campaign, in one thread of their own."""
import asyncio
import threading

from devices import Device, Obedient, Quiet, Record, Reporter, Restless, Upgrading


class Population:
    def __init__(self, address):
        self.address = address
        self.record = Record()
        self.paused = self.still = True  # nobody reports; nobody comes or goes
        self.trouble = []  # what a device met that no fault explains
        self.reporters, self.restless, self.obedient, self.upgrading, self.crowd = [], [], [], [], []
        self._loop = asyncio.new_event_loop()
        self._tasks = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def people(self, site, seed):
        """Makes everybody and lets them in."""
        plain, hexadecimal = site.plain, site.hexadecimal
        for number in range(16):
            self.reporters.append(Reporter(self, plain, f"plain{number:03d}", seed))
        for number in range(4):
            self.reporters.append(Reporter(self, hexadecimal, f"hexa{number:03d}", seed, 0.15, True))
        for number in range(8):
            self.restless.append(Restless(self, plain, f"restless{number:03d}", seed))
        for number in range(8):
            self.obedient.append(Obedient(self, plain, f"obedient{number:03d}", seed))
        for number in range(4):
            self.upgrading.append(Upgrading(self, plain, f"upgrade{number:03d}", seed, "r0"))
        site.register(self.everybody() + [Device(self, plain, "nobody000", seed)])  # who never comes

    def start(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()

    async def _begin(self):
        for device in self.everybody():
            self._tasks.append(asyncio.create_task(device.run()))
        for device in self.restless:
            self._tasks.append(asyncio.create_task(device.wander()))

    def everybody(self):
        return self.reporters + self.restless + self.obedient + self.upgrading + self.crowd

    def gather_crowd(self, site, count, seed):
        """So many more devices connect at once."""
        self.crowd = [Quiet(self, site.plain, f"crowd{number:05d}", seed) for number in range(count)]
        site.register(self.crowd)
        self.call(lambda: self._tasks.extend(asyncio.ensure_future(device.run()) for device in self.crowd))

    def dismiss_crowd(self):
        self.call(lambda: [device.go(abrupt=False) for device in self.crowd])

    def call(self, function, *values):
        """In the devices' thread, with its answer."""
        async def run():
            return function(*values)
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def start_again(self, devices):
        """As their owners would who wait for them."""
        self.call(lambda: [device.connection.abort() for device in devices if device.connection])

    def end(self):
        def cancel():
            for task in self._tasks:
                task.cancel()
            for device in self.everybody():
                if device.connection:
                    device.connection.abort()
        if self._thread.is_alive():
            self.call(cancel)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    # -- looks at them, from another thread
    def connected(self):
        return {device.full_name for device in self.everybody() if device.connection}

    def missing(self):
        """Who should be there and is not."""
        return [device.full_name for device in self.everybody() if device.wanted.is_set() and not device.connection]

    def newest(self):
        """The last MessageId that anybody took."""
        return self.call(lambda: next(self.record.ids))

    def silent(self, since):
        """Reporters that are to be there and have had no ack of anything that they sent after that MessageId."""
        newest = self.record.newest_acked
        return [device.full_name for device in self.reporters if newest.get(device.full_name, 0) <= since]

    def forget_unanswered(self):
        """A device gives up in the end; what comes of it later is judged all the same."""
        self.call(lambda: [device.outstanding.clear() for device in self.everybody()])

    def unanswered(self, since=0):
        """(device, MessageId, seconds) of what was said after that MessageId and has no ack, in sessions that live."""
        now = self._loop.time()
        return [(device.full_name, message_id, round(now - at, 1))
                for device in self.everybody() if device.connection
                for message_id, at in list(device.outstanding.items()) if message_id > since]
