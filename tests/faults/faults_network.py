# SPDX-License-Identifier: Apache-2.0
"""The way to the broker is bad, or only looks like one."""
from stand.waiting import wait_until

from faults import fault


@fault("30 % of all packets are lost, the others come late and out of order")
def loss_and_delay(scene):
    delay = scene.choose(5, 50, 200)
    scene.tell(scene.site.way.worsen(0.3, delay, scene.dice.random()))
    scene.last(5, 30)
    scene.site.way.restore()


@fault("connections half open: one side is gone, the other was not told", broker_may_lose=True, service_dies=True)
def half_open(scene):
    site = scene.site
    way = scene.choose("the broker starts again unseen", "the devices start again unseen", "the service starts again unseen",
                       "nothing passes for a while")
    scene.tell(site.way.worsen(1, 0, 0))
    scene.last(0.5, 2)
    if way.startswith("the broker"):
        site.broker.kill()
        site.broker.start()
    elif way.startswith("the devices"):
        scene.population.start_again(scene.population.everybody())
    elif way.startswith("the service"):
        site.service.kill()
        scene.start_service()
    scene.last(2, 30)
    site.way.restore()


@fault("a storm: thousands of devices connect at once, are thrown out by a broker that dies, and connect again",
       broker_may_lose=True)
def reconnect_storm(scene):
    scene.population.gather_crowd(scene.site, 500 if scene.brief else 5000, "crowd")
    _wait_all_in(scene)
    for _ in range(scene.choose(1, 2)):
        scene.site.broker.kill()
        scene.site.broker.start()
        _wait_all_in(scene)


def _wait_all_in(scene):
    wait_until(lambda: not scene.population.missing(), "the whole storm to be let in", 120, 0.1)
