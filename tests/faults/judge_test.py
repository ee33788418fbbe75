#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge finds what it is there for: each thing that must not be is put before it once, among much that may be."""
import pathlib
import sys
import types
import unittest

_HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent / "system"), str(_HERE)]

# pylint: disable=wrong-import-position
import judge
from devices import Record
from faults import NO_FAULT
from measure import Measured, slope

_LOSES = NO_FAULT._replace(broker_may_lose=True)


def _site(rows):
    return types.SimpleNamespace(sql=lambda _statement: rows, bulk=types.SimpleNamespace(product_id="B"))


def _record(sent, acked=(), taken=()):
    record = Record()
    record.sent.update(sent)
    record.acked.update(acked)
    record.taken.update(taken)
    return record


def _message(sequence, device, message_id, redelivered="f"):
    return [str(sequence), device, str(message_id), "/sys/…/uplink", redelivered, "200"]


def _judged(record, rows, fault=NO_FAULT):
    return list(judge.messages(record, judge.Before(), judge.Stored(_site(rows), 0), fault))


class Messages(unittest.TestCase):
    A, B = ("P.a", 1), ("P.a", 2)

    def test_what_is_stored_once_is_well(self):
        self.assertEqual(_judged(_record([self.A, self.B], [self.A, self.B], [self.A]),
                                 [_message(1, *self.A), _message(2, *self.B)]), [])

    def test_a_lost_message(self):
        complaint, = _judged(_record([self.A, self.B], [self.A, self.B]), [_message(1, *self.A)])
        self.assertIn("acked and not stored: 1: ('P.a', 2)", complaint)

    def test_an_invented_message(self):
        complaint, = _judged(_record([self.A]), [_message(1, *self.A), _message(2, *self.B)])
        self.assertIn("stored and never sent: 1: ('P.a', 2)", complaint)

    def test_twice_only_when_marked_or_said_twice(self):
        rows = [_message(1, *self.A), _message(2, *self.A)]
        complaint, = _judged(_record([self.A]), rows)
        self.assertIn("stored more often than said", complaint)
        self.assertEqual(_judged(_record([self.A]), [rows[0], _message(2, *self.A, "t")]), [])
        self.assertEqual(_judged(_record([self.A, self.A]), rows), [])

    def test_again_in_a_later_round(self):
        record, before = _record([self.A]), judge.Before()
        for expected in (0, 1):
            stored = judge.Stored(_site([_message(1, *self.A)]), 0)
            self.assertEqual(len(list(judge.messages(record, before, stored, NO_FAULT))), expected)

    def test_what_a_living_broker_took(self):
        record = _record([self.A], taken=[self.A])
        self.assertIn("taken by the broker", _judged(record, [])[0])
        self.assertEqual(_judged(record, [], _LOSES), [])

    def test_a_good_message_refused(self):
        record = _record([self.A])
        record.refused[self.A] = {"Code": "4001"}
        self.assertIn("good messages refused", _judged(record, [])[0])


class Presence(unittest.TestCase):
    def test_both_ways(self):
        population = types.SimpleNamespace(connected=lambda: {"P.a", "P.b"})
        complaints = list(judge.presence(_site([["P.b"], ["P.c"]]), population))
        self.assertEqual(complaints, ["connected and not online: 1: P.a", "online and not connected: 1: P.c"])


class Commands(unittest.TestCase):
    def _judged(self, row, heard, stored, promised=()):
        record = Record()
        record.commands["P.a", 7] += heard
        application = types.SimpleNamespace(promised=dict.fromkeys(promised))
        return list(judge.commands(_site([row]), record, application, stored))

    def _row(self, state="done", tries="1", sent="t", settled="t", expired="f", code="200"):
        return ["1", "P.a", "7", "key", state, tries, sent, settled, expired, "down", code]

    def test_states_that_follow(self):
        self.assertEqual(self._judged(self._row(), ["got", "answered"], {("P.a", 7)}, [1]), [])
        self.assertEqual(self._judged(self._row("queued", "0", "f", "f"), [], set()), [])
        self.assertEqual(self._judged(self._row("expired", "0", "f", "t", "t", ""), [], set()), [])

    def test_states_that_do_not(self):
        for row, heard, stored, why in (
                (self._row(), [], set(), "did not answer"),
                (self._row(), ["got", "answered"], set(), "not among the messages"),
                (self._row("sent", settled="f"), ["got", "answered"], {("P.a", 7)}, "its answer is stored"),
                (self._row("sent", settled="f"), ["got"], set(), "has not answered"),
                (self._row("expired"), [], set(), "its time is not over"),
                (self._row("failed"), [], set(), "nobody refused"),
                (self._row("queued", "0", "f", "f"), ["got"], set(), "before it was stored as sent"),
                (self._row("sent", "0", "t", "f"), [], set(), "does not fit its times")):
            complaint, = self._judged(row, heard, stored)
            self.assertIn(why, complaint)

    def test_a_promise_that_was_broken(self):
        self.assertIn("promised by a 201", self._judged(self._row(), ["got", "answered"], {("P.a", 7)}, [1, 2])[0])


class Upgrades(unittest.TestCase):
    def _judged(self, state, did, after="v2", counted="10"):
        record = Record()
        record.upgrades["P.a"] += did
        row = ["1", "P.a", "v2", state, "ID", after, "t", "t", "t", "t", counted, "10"]
        return list(judge.upgrades(_site([row]), record, set()))

    def test_as_the_device_did(self):
        whole = [("notified", "ID"), ("confirmed", "ID"), ("downloaded", "ID"), ("reported", "v2")]
        self.assertEqual(self._judged("succeeded", whole), [])
        self.assertIn("never reported", self._judged("succeeded", whole[:-1])[0])
        self.assertIn("never confirmed", self._judged("succeeded", whole[:1] + whole[2:])[0])
        self.assertIn("only 3 bytes", self._judged("succeeded", whole, counted="3")[0])
        self.assertIn("did as it was told", self._judged("failed", whole)[0])


class Resources(unittest.TestCase):
    def test_more_than_before(self):
        first = {"service": Measured(1, 10_000, 40)}
        self.assertEqual(list(judge.resources(first, {"service": Measured(2, 20_000, 44)})), [])
        self.assertEqual(len(list(judge.resources(first, {"service": Measured(2, 200_000, 90)}))), 2)

    def test_slope(self):
        self.assertAlmostEqual(slope([(0, 10), (1800, 20), (3600, 30)]), 20)
        self.assertEqual(slope([(0, 5), (1, 5)]), 0)


unittest.main()
