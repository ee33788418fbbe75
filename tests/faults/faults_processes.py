# SPDX-License-Identifier: Apache-2.0
"""Whole processes die, or are started again in whatever order."""
import itertools
import os
import signal
import time

from stand.waiting import wait_until

from faults import fault


@fault("kill -9 of the broker", broker_may_lose=True)
def broker_killed(scene):
    scene.site.broker.kill()
    scene.last(0, 3)
    scene.site.broker.start()


@fault("kill -9 of the service", service_dies=True)
def service_killed(scene):
    for _ in range(scene.choose(1, 1, 3)):
        scene.site.service.kill()
        scene.last(0, 3)
        scene.start_service()
        scene.last(0, 2)


@fault("kill -9 of the script processes, several times")
def script_worker_killed(scene):
    for _ in range(scene.choose(1, 5, 20)):
        for pid in scene.site.service.script_processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.2 * scene.dice.random())


@fault("kill -9 of PostgreSQL, its server and every backend")
def database_killed(scene):
    scene.site.cluster.kill()
    scene.last(0, 4)
    scene.site.cluster.start()


@fault("kill -9 of a single backend of PostgreSQL: it ends all others and recovers")
def database_backend_killed(scene):
    for _ in range(scene.choose(1, 3)):
        wait_until(scene.site.cluster.backends, "a backend to kill", 30, 0.05)
        scene.site.cluster.kill_one(scene.dice)
        scene.last(0, 2)
    scene.site.wait_answers()


@fault("pg_ctl stop -m immediate")
def database_stopped_immediately(scene):
    scene.site.cluster.stop_immediate()
    scene.last(0, 4)
    scene.site.cluster.start()


@fault("everybody ends, killed or stopped, and starts again in one of the six orders", broker_may_lose=True,
       service_dies=True)
def restart_in_every_order(scene):
    site = scene.site
    ends = {"broker": (site.broker.kill, lambda: scene.stop(site.broker, "the broker")),
            "service": (site.service.kill, lambda: scene.stop(site.service, "the service")),
            "database": (site.cluster.kill, site.cluster.stop)}
    starts = {"broker": site.broker.start, "service": scene.start_service, "database": site.cluster.start}
    names = list(ends)
    scene.dice.shuffle(names)
    for name in names:
        way = scene.dice.randrange(2)
        scene.tell(f"{name} {('killed', 'stopped')[way]}")
        ends[name][way]()
    order = scene.dice.choice(list(itertools.permutations(names)))
    scene.tell("start: " + " ".join(order))
    for name in order:
        starts[name]()
        scene.last(0, 2)


@fault("the service stands still (SIGSTOP), and goes on")
def service_frozen(scene):
    scene.site.freeze(scene.site.service)
    scene.last(2, 20)
    scene.site.thaw(scene.site.service)


@fault("the broker stands still (SIGSTOP), and goes on")
def broker_frozen(scene):
    scene.site.freeze(scene.site.broker)
    scene.last(2, 20)
    scene.site.thaw(scene.site.broker)
