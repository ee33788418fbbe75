#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: the broker's queue for the service is full when a device comes, so that the event is dropped without a word, and
nothing else happens afterwards. Presence becomes true all the same."""
import signal

from stand import run
from stand.device import frame
from stand.waiting import wait_until

QUEUED = 20
IN_FLIGHT = 5000  # what the service takes at once (Receive Maximum)


def presence_heals_after_the_last_event_was_dropped(stand):
    product = stand.product()
    talker, goes, comes = (stand.device(product) for _n in range(3))
    client = talker.login()
    leaving = goes.login()
    comes.login().disconnect()
    wait_until(lambda: goes.shown()["online"] and not comes.shown()["online"], "presence before")
    stand.service.process.send_signal(signal.SIGSTOP)
    for number in range(2 * (IN_FLIGHT + QUEUED)):  # Mosquitto 2.0.21 queues as many again as may be in flight
        client.publish(talker.topic("uplink"), frame(4, {"n": number}), wait=False)
    client.publish(talker.topic("uplink"), frame(4, {"n": "all before this"}))
    leaving.drop()
    there = comes.login()
    client.publish(talker.topic("uplink"), frame(4, {"n": "behind the events"}))
    stand.service.process.send_signal(signal.SIGCONT)
    wait_until(lambda: comes.shown()["online"] and not goes.shown()["online"], "presence as it is")
    assert "were lost" in stand.service.process.log() and not there.closed()


run(presence_heals_after_the_last_event_was_dropped, broker_extra=f"\nmax_queued_messages {QUEUED}\n",
    broker_options=["--messages-per-second", "0"])
