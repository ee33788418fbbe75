# SPDX-License-Identifier: Apache-2.0
"""A campaign: a platform and its devices, and one round after the other."""
import contextlib
import random
import time
import traceback

from stand.waiting import wait_until

import faults
import judge
import load
import report
from application import Application
from measure import measure
from population import Population
from scene import Scene
from site_parts import Site

_HEAL = 150  # seconds: two keepalives of the service's connection, and some


class Campaign:
    def __init__(self, folder, options):
        self.options = options
        self.site = Site(folder)
        self.population = Population(self.site.way.address)
        self.load = load.Load(self.site, self.population.record, *((40, 120) if options.brief else (200, 600)))
        self.application = Application(self.site, self.population, options.seed)
        self.before = judge.Before()
        self.stored_ever = set()
        self.unjudged = set()   # commands that expired by a clock that was wrong
        self.uncounted = set()  # versions whose downloads a dead service may have forgotten to count
        self.first = None
        self.kept = False    # the folder stays
        self.broken = False  # no use to go on
        self._logs_read = {}
        self._upgrades = 0

    def begin(self):
        self.site.start()
        self.population.people(self.site, self.options.seed)
        self.load.prepare()
        self.population.start()
        wait_until(lambda: not self.population.missing(), "everybody let in", 30, 0.05)
        self.application.start()
        # The first upgrade, script process and prepared statements belong to what is there "before".
        self._load()
        time.sleep(2)
        self._heal()
        self._settle(faults.NO_FAULT)
        stored = judge.Stored(self.site, 0)
        self.before.last, self.stored_ever = stored.last, set(stored.rows)
        self.first = measure(self.site)

    def end(self):
        self.load.end()
        self.application.end()
        self.population.end()
        self.site.end()

    # -- one round
    def fault_of(self, number):
        """Which fault a round has: all that are possible in turn, in an order of the seed's."""
        possible = [f for f in faults.load_catalogue().values()
                    if f.impossible() is None and (not self.options.only or f.name in self.options.only)]
        turn, place = divmod(number, len(possible))
        random.Random(f"{self.options.seed}/order/{turn}").shuffle(possible)
        return possible[place]

    def round(self, number):
        fault = self.fault_of(number)
        scene = Scene(self.site, self.population, random.Random(f"{self.options.seed}/{number}"), self.options.brief)

        def strike():
            scene.last(0.5, 2)
            report.doing(number, f"{fault.name}: the fault")
            fault.strike(scene)
            report.doing(number, f"{fault.name}: healing")
        result = self.shift(fault, strike, scene)
        self.kept = self.kept or bool(result["complaints"] and self.options.keep)
        return {"round": number, "seed": self.options.seed, "fault": fault.name, "detail": scene.detail, **result}

    def shift(self, fault, strike, scene=None):
        """Load, what happens meanwhile, healing, and the judgement."""
        result = {"complaints": []}
        sent, began = sum(self.population.record.sent.values()), time.monotonic()
        self.before.begin(self.population.record)
        try:
            self._load()
            strike()
            result["heal_s"] = round(self._heal(), 3)
            self._settle(fault)
        except (AssertionError, OSError, RuntimeError) as error:
            result["complaints"].append(f"{type(error).__name__}: {error}")
            result["trace"] = traceback.format_exc()
            self.broken = True
            self._stop_load()
        result["seconds"] = round(time.monotonic() - began, 3)
        result["sent"] = sum(self.population.record.sent.values()) - sent
        self._judge(fault, scene or Scene(self.site, self.population, None, False), result)
        return result

    def _load(self):
        """Everybody begins to talk, to come and go, to ask for things."""
        self._upgrades += 1
        self.application.start_upgrade(f"r{self._upgrades}")
        self.population.paused = self.population.still = False
        self.application.go()
        if load.possible():
            self.load.start()

    def _heal(self):
        """How long until everybody is there, answered, and shown so."""
        began = time.monotonic()
        self.population.still = True
        since = self.population.newest()
        site, population = self.site, self.population
        wait_until(site.service.ready, "the service to be ready", _HEAL, 0.02)
        wait_until(lambda: not population.missing(), "everybody connected", _HEAL, 0.02)
        wait_until(lambda: not population.silent(since), "every reporter answered", _HEAL, 0.02)
        wait_until(lambda: not list(judge.presence(site, population, True)), "presence to be true", _HEAL, 0.05)
        return time.monotonic() - began

    def _settle(self, fault):
        """Nothing new is begun; what is under way comes to its end."""
        site, population = self.site, self.population
        self.load.end()
        self.application.pause()
        since = 0
        if fault.broker_may_lose:
            # A broker that starts anew drops what comes before the service is there again; the devices' sessions live
            # on meanwhile. What they said then has no answer, and who waits for one starts them again.
            since = population.newest()
            population.start_again(population.obedient)
        if fault.service_dies:
            self.uncounted.add(f"r{self._upgrades}")
        wait_until(self.application.clear_up, "requests that had no answer to be answered", 30, 0.1)
        _until_none("upgrades that have not ended", lambda: judge.live_upgrades(site))
        _until_none("commands that are not settled", lambda: judge.open_commands(site, self.application))
        population.paused = True
        _until_none("messages without an ack, in sessions that live", lambda: population.unanswered(since))
        population.forget_unanswered()
        # Who was started again above is back: away, he would be in order now, and not yet online a moment later.
        wait_until(lambda: not population.missing(), "everybody who was started again", 30, 0.05)
        wait_until(lambda: not list(judge.presence(site, population)), "presence to be true", 60, 0.1)

    def _stop_load(self):
        """After a failure: what is under way is given a moment, so that what is judged is what was lost."""
        self.population.paused = self.population.still = True
        self.application.pause()
        with contextlib.suppress(AssertionError):
            self.load.end()
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.population.unanswered(), "acks", 10, 0.05)

    def _judge(self, fault, scene, result):
        site, population, record = self.site, self.population, self.population.record
        complaints = result["complaints"]
        try:
            stored = judge.Stored(site, self.before.last)
            self.before.last = stored.last
            self.stored_ever |= set(stored.rows)
            complaints += judge.messages(record, self.before, stored, fault, scene.refusable)
            if not self.broken:
                complaints += judge.presence(site, population)
            if fault.clock_moves:
                self.unjudged |= judge.expired_commands(site)
            complaints += judge.commands(site, record, self.application, self.stored_ever, self.unjudged)
            complaints += judge.upgrades(site, record, self.uncounted)
            if population.crowd:
                population.dismiss_crowd()
                wait_until(lambda: not list(judge.presence(site, population)), "the storm's devices to be offline", 60, 0.1)
            complaints += judge.processes(site, scene.statuses, self._logs_read)
            complaints += population.trouble
            population.trouble = []
            result["acked"] = len(record.acked - self.before.acked)
            result["stored"] = sum(len(marks) for marks in stored.rows.values())
            result["redelivered"] = stored.redelivered()
            if not self.broken:
                now = measure(site)
                complaints += judge.resources(self.first, now)
                result["measured"] = {name: [m.memory_kb, m.descriptors] for name, m in now.items()}
        except (AssertionError, RuntimeError, OSError) as error:
            complaints.append(f"the round cannot be judged: {type(error).__name__}: {error}")
            self.broken = True


def _until_none(what, look):
    left = []

    def none():
        left[:] = look()
        return not left
    try:
        wait_until(none, what, 45, 0.1)
    except AssertionError:
        raise AssertionError(f"{what}: {len(left)}, such as {left[:5]}") from None
