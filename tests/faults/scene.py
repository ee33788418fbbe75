# SPDX-License-Identifier: Apache-2.0
"""What a fault has in its hands."""
import time

from stand.waiting import wait_until


class Scene:
    """One round's: the platform, the devices, the dice, and how long things last."""

    def __init__(self, site, population, dice, brief):
        self.site, self.population, self.dice, self.brief = site, population, dice, brief
        self.detail = ""      # which of its ways the fault took
        self.refusable = set()  # devices whose messages may be refused
        self.statuses = []    # of what should have ended with 0, and did not

    def last(self, least, most):
        """The fault goes on for so many seconds, the load with it; a fraction of them in ./test."""
        length = self.dice.uniform(least, most)
        time.sleep(min(length, 1 + length / 10) if self.brief else length)

    def choose(self, *ways):
        way = self.dice.choice(ways)
        self.tell(str(way))
        return way

    def tell(self, text):
        self.detail = f"{self.detail}, {text}" if self.detail else text

    def stop(self, part, name):
        """In good order."""
        status = part.stop()
        if status not in (0, None):
            self.statuses.append(f"{name} ended with {status} when asked to stop")

    def start_service(self):
        self.site.service.start(wait_ready=False)

    def goes_on(self, what, timeout=30):
        """Every reporter gets an ack of something that it sends from now on, the fault notwithstanding."""
        since = self.population.newest()
        wait_until(lambda: not self.population.silent(since), f"acks {what}; none for {self.population.silent(since)}",
                   timeout, 0.05)
