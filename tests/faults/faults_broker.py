# SPDX-License-Identifier: Apache-2.0
"""What the broker holds is too much, or wrong."""
import shutil
import time

from stand.waiting import wait_until

from faults import fault


@fault("the broker's queue for the service is full: it drops without a word", broker_may_lose=True)
def broker_queue_full(scene):
    site = scene.site
    bounds = "\n# the fault\nmax_inflight_messages {}\nmax_queued_messages {}\n"
    ordinary = site.broker.configuration.read_text(encoding="utf-8")
    site.broker.configuration.write_text(ordinary + bounds.format(20, scene.choose(50, 400)), encoding="utf-8")
    try:
        _restart(scene)
        wait_until(lambda: not scene.population.missing() and site.service.ready(), "everybody back", 30, 0.05)
        site.freeze(site.service)
        scene.last(4, 10)
        site.thaw(site.service)
    finally:
        site.broker.configuration.write_text(ordinary, encoding="utf-8")
    scene.last(1, 3)
    _restart(scene)


def _restart(scene):
    scene.stop(scene.site.broker, "the broker")
    scene.site.broker.start()


def _start_from(scene, change):
    """The broker starts while the database is away, from a copy of the directory that something happened to."""
    site = scene.site
    wait_until(site.broker.cache_file.exists, "the plugin's copy on disk", 30, 0.05)
    site.broker.kill()
    site.cluster.stop()
    change(site.broker.cache_file)
    site.broker.start()
    scene.last(2, 6)
    site.cluster.start()


@fault("the plugin's copy on disk is cut short, and the database away when the broker starts", broker_may_lose=True)
def snapshot_truncated(scene):
    def cut(path):
        size = path.stat().st_size
        keep = scene.choose(0, 1, size // 2, size - 1)
        with open(path, "r+b") as file:
            file.truncate(keep)
    _start_from(scene, cut)


@fault("… has some bits turned over", broker_may_lose=True)
def snapshot_corrupted(scene):
    def spoil(path):
        data = bytearray(path.read_bytes())
        for _ in range(scene.choose(1, 8, 100)):
            data[scene.dice.randrange(len(data))] ^= 1 << scene.dice.randrange(8)
        path.write_bytes(data)
    _start_from(scene, spoil)


@fault("… is older than what was changed since: a device that is disabled now may come in until the database is back",
       broker_may_lose=True)
def snapshot_stale(scene):
    site = scene.site
    old = site.folder / "directory.old"
    wait_until(site.broker.cache_file.exists, "the plugin's copy on disk", 30, 0.05)
    shutil.copy2(site.broker.cache_file, old)
    device = scene.dice.choice(scene.population.restless).full_name
    scene.refusable.add(device)
    site.service.api("POST", f"/devices/{device}/disable")
    time.sleep(0.2)
    try:
        _start_from(scene, lambda path: shutil.copy2(old, path))
        site.service.wait_ready()
        wait_until(lambda: device not in scene.population.connected(), f"{device}, which is disabled, to be thrown out", 30)
    finally:
        wait_until(site.service.ready, "the service", 30, 0.05)
        site.service.api("POST", f"/devices/{device}/enable")
