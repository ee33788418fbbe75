# SPDX-License-Identifier: Apache-2.0
"""The clock of a part jumps by an hour, and back; never the machine's."""
from stand.clock import Clock

from faults import fault


def _needs_faketime():
    return None if Clock.possible() else "needs the package libfaketime"


def _jump(scene, seconds):
    """The parts start under a clock that can be moved; it is moved while they run, twice, then they start as ever."""
    site = scene.site
    parts = scene.choose(["service"], ["broker"], ["database"], ["broker", "service"], ["database", "broker", "service"])
    restarts = {"database": lambda: _database(site), "broker": lambda: _restart(scene, site.broker, "the broker"),
                "service": lambda: _restart(scene, site.service, "the service")}
    try:
        for name in parts:
            site.clocks[name].set(0)
            restarts[name]()
        scene.goes_on("before the jump")
        away = scene.dice.random() < 0.5
        if away:
            scene.tell("while the database is away")
            site.cluster.stop()
            scene.last(1, 3)
        for name in parts:
            site.clocks[name].set(seconds)
        if away:
            site.cluster.start()
        scene.goes_on("after the jump")
        scene.last(1, 5)
        for name in parts:
            site.clocks[name].set(0)
        scene.goes_on("after the jump back")
    finally:
        for name in parts:
            site.clocks[name].moved = False
            restarts[name]()


def _restart(scene, part, name):
    scene.stop(part, name)
    part.start()


def _database(site):
    site.cluster.stop()
    site.cluster.prefix = site.clocks["database"].prefix()
    site.cluster.start()


@fault("the clock jumps forward by an hour, and back", _needs_faketime, clock_moves=True)
def clock_forward(scene):
    _jump(scene, 3600)


@fault("the clock jumps back by an hour, and forward again", _needs_faketime, clock_moves=True)
def clock_back(scene):
    _jump(scene, -3600)
