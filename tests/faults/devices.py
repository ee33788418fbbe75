# SPDX-License-Identifier: Apache-2.0
"""Devices that go on whatever happens to the platform, and keep their own record of it, which judge.py believes.

A message is sent once: what is not acked is not sent again, so that a row that is stored twice is somebody's fault.
"""
import asyncio
import collections
import hashlib
import itertools
import json
import random
import urllib.error
import urllib.request

from stand import crypto
from stand.hex_product import PROPERTIES

from mqtt import Connection, Lost, Refused

_OUTSTANDING = 200  # messages without an ack; then a device waits, as one with little memory would


class Record:
    """What the devices said and heard. Written by the loop's thread alone."""

    def __init__(self):
        self.ids = itertools.count(1)
        self.sent = collections.Counter()  # (device, MessageId): how often it was said
        self.acked = set()           # … answered with Code 200
        self.newest_acked = {}       # device: the last MessageId of those, so that nobody looks through all of them for it
        self.taken = set()           # … that the broker took (PUBACK)
        self.refused = {}            # … answered with another code: what it said
        self.commands = collections.defaultdict(list)  # (device, MessageId): what of it was `got` and `answered`
        self.upgrades = collections.defaultdict(list)  # device: (what, version or DownID)
        self.refusals = collections.Counter()          # CONNACK's codes


class Device:
    """Connects when it should be there, and again when it is thrown out."""
    filters = ()
    keepalive = 10

    def __init__(self, population, product, name, seed):
        self.population, self.product, self.name = population, product, name
        self.record = population.record
        self.dice = random.Random(f"{seed}/{name}")
        self.wanted = asyncio.Event()
        self.wanted.set()
        self.unwanted = asyncio.Event()
        self.abrupt = False
        self.connection = None
        self.outstanding, self._mids = {}, {}
        self.sessions = 0

    @property
    def full_name(self):
        return f"{self.product.product_id}.{self.name}"

    @property
    def root(self):
        return f"/sys/{self.product.open_id}/{self.product.product_id}/{self.name}"

    def credentials(self):
        secret = device_secret(self.product.product_id, self.name)
        return (f"V2_{self.full_name}_0_1675404867",
                f"{self.product.open_id}-{self.product.product_id}-{self.name}",
                crypto.v2_password(secret, self.product.product_id, self.name, self.product.product_key))

    def come(self):
        self.unwanted.clear()
        self.wanted.set()

    def go(self, abrupt):
        self.abrupt = abrupt
        self.wanted.clear()
        self.unwanted.set()

    async def run(self):
        while True:
            await self.wanted.wait()
            try:
                await self._session()
            except Refused as refused:
                self.record.refusals[str(refused)] += 1
            except (OSError, TimeoutError, Lost):
                pass
            await asyncio.sleep(0.1 + 0.4 * self.dice.random())

    async def _session(self):
        connection = await Connection.open(self, self.population.address, self.credentials(),
                                           [f"{self.root}/{suffix}" for suffix in self.filters], self.keepalive)
        self.connection, self.outstanding, self._mids = connection, {}, {}
        self.sessions += 1
        tasks = [asyncio.ensure_future(task) for task in
                 (connection.keep_alive(), self.live(), self.unwanted.wait(), connection.lost)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            failed = next((task for task in tasks[:3] if task.done() and task.exception()), None)
            if failed and not isinstance(failed.exception(), Lost):
                self.population.trouble.append(f"{self.name}: {failed.exception()!r}")
        finally:
            self.connection = None
            for task in tasks[:3]:
                task.cancel()
            if self.unwanted.is_set() and not self.abrupt:
                connection.disconnect()
            else:
                connection.abort()

    async def live(self):
        await asyncio.Event().wait()

    def say(self, suffix, header_ctrl, payload, message_id=None):
        """Publishes a frame, on record before it leaves."""
        message_id = next(self.record.ids) if message_id is None else message_id
        self.record.sent[self.full_name, message_id] += 1
        mid = self.connection.publish(f"{self.root}/{suffix}", json.dumps(
            {"MessageId": message_id, "HeaderCtrl": header_ctrl, "Payload": payload, "Version": "2.0"}))
        self._mids[mid] = message_id
        return message_id

    # -- the connection's calls
    def taken(self, mid):
        if mid in self._mids:
            self.record.taken.add((self.full_name, self._mids.pop(mid)))

    def received(self, connection, topic, payload):
        suffix, frame = topic[len(self.root) + 1:], json.loads(payload)
        if suffix.endswith("_ack"):
            self._acked(frame)
        else:
            self.told(connection, suffix, frame)

    def _acked(self, frame):
        key = (self.full_name, frame["MessageId"])
        if frame["Payload"]["Code"] == "200":
            self.record.acked.add(key)
            self.record.newest_acked[key[0]] = max(key[1], self.record.newest_acked.get(key[0], 0))
        else:
            self.record.refused[key] = frame["Payload"]
        self.outstanding.pop(frame["MessageId"], None)

    def told(self, connection, suffix, frame):
        """A message of the platform's own."""


class Reporter(Device):
    """Sends uplinks, or reports in HEX by the product's script."""

    def __init__(self, population, product, name, seed, every=0.1, hex_reports=False):
        super().__init__(population, product, name, seed)
        self.every, self.hex_reports = every, hex_reports
        self.filters = ("model/hex/report_ack",) if hex_reports else ("uplink_ack",)

    async def live(self):
        while True:
            await asyncio.sleep(self.every * (0.5 + self.dice.random()))
            if not self.population.paused and len(self.outstanding) < _OUTSTANDING:
                self.report()

    def report(self):
        if self.hex_reports:
            message_id = self.say("model/hex/report", 18, PROPERTIES)
        else:
            message_id = self.say("uplink", 4, {"n": self.dice.randrange(1000), "at": self.name})
        self.outstanding[message_id] = asyncio.get_running_loop().time()


class Quiet(Device):
    """Is there, in a crowd, and says nothing."""
    keepalive = 120


class Restless(Reporter):
    """Comes and goes, half of the times without a word."""

    async def wander(self):
        while True:
            await asyncio.sleep(0.3 + 2 * self.dice.random())
            if self.population.still:
                continue
            if self.wanted.is_set():
                self.go(abrupt=self.dice.random() < 0.5)
            else:
                self.come()


class Obedient(Device):
    """Does what commands say, a little later."""
    filters = ("downlink",)

    def told(self, connection, suffix, frame):
        message_id = frame["MessageId"]
        self.record.commands[self.full_name, message_id].append("got")
        asyncio.get_running_loop().call_later(0.4 * self.dice.random(), self._answer, message_id, connection)

    def _answer(self, message_id, connection):
        if connection is not self.connection:
            return  # it comes again in the next session
        self.record.commands[self.full_name, message_id].append("answered")
        self.say("downlink_ack", 7, {"Code": "200", "Msg": "SUCCESS"}, message_id)


class Upgrading(Device):
    """Reports its firmware, and installs what it is offered: confirms, downloads, starts again, reports."""
    filters = ("firmware_report_ack", "ota_notify")

    def __init__(self, population, product, name, seed, version):
        super().__init__(population, product, name, seed)
        self.version = version
        self.offer = None

    async def live(self):
        while True:
            if self.offer:
                # no report meanwhile: in another session, the old version would be a verdict (OTA-3)
                await self._install(self.offer)
                continue
            if self.population.paused:
                await asyncio.sleep(0.1)
                continue
            message_id = self.say("firmware_report", 8, {"HardVer": "h1", "SoftVer": self.version, "Type": 2})
            self.record.upgrades[self.full_name].append(("reported", self.version))
            self.outstanding[message_id] = asyncio.get_running_loop().time()
            for _ in range(20):  # until the next report, or an offer
                await asyncio.sleep(0.1)
                if self.offer:
                    break

    def told(self, connection, suffix, frame):
        if suffix != "ota_notify":
            return
        offer = {**frame["Payload"], "MessageId": frame["MessageId"]}
        if _count(offer["SoftVer"]) < _count(self.version):
            self.population.trouble.append(f"{self.name}: has {self.version} and was offered {offer['SoftVer']}")
            return
        if offer["SoftVer"] == self.version or (self.offer and self.offer["DownID"] == offer["DownID"]):
            return  # said twice
        self.record.upgrades[self.full_name].append(("notified", offer["DownID"]))
        self.offer = offer

    async def _install(self, offer):
        """Begun anew in every session until it is done."""
        self.say("ota_notify_ack", 9, {"DownID": offer["DownID"]}, offer["MessageId"])
        self.record.upgrades[self.full_name].append(("confirmed", offer["DownID"]))
        await asyncio.sleep(0.8 * self.dice.random())
        try:
            body = await asyncio.to_thread(_download, offer["Url"])
        except urllib.error.HTTPError as error:
            if error.code not in (404, 410):
                await asyncio.sleep(0.3)  # later, perhaps
                return
            self.record.upgrades[self.full_name].append(("gone", offer["DownID"]))
            self.offer = None
            return
        except OSError:
            await asyncio.sleep(0.3)
            return
        if hashlib.md5(body).hexdigest() != offer["MD5"]:
            self.population.trouble.append(f"{self.name}: a download with another MD5")
            return
        self.record.upgrades[self.full_name].append(("downloaded", offer["DownID"]))
        await asyncio.sleep(0.5 * self.dice.random())
        self.version, self.offer = offer["SoftVer"], None
        self.connection.abort()  # starts again
        await asyncio.Event().wait()


def _count(version):
    """Of r7 it is 7: campaigns go upwards."""
    return int(version[1:])


def _download(url):
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.read()


def device_secret(product_id, name):
    """As site.py stores it."""
    return hashlib.md5(f"{product_id}/{name}".encode()).hexdigest().upper()
