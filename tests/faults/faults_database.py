# SPDX-License-Identifier: Apache-2.0
"""The database is there and does not do what it should, or is not there for long."""
import contextlib
import pathlib
import time

from stand.waiting import wait_until

from faults import fault
from network import Ordered
from site_parts import Disk

_PROXY = pathlib.Path(__file__).parent / "stream_proxy.py"


@contextlib.contextmanager
def between(scene):
    """A proxy in the place of PostgreSQL's socket; everybody is made to connect anew, and does so through it."""
    cluster = scene.site.cluster
    place, behind = cluster.folder / ".s.PGSQL.5432", cluster.folder / ".s.behind"
    place.rename(behind)
    proxy = Ordered(_PROXY, f"unix:{place}", f"unix:{behind}")
    try:
        _end_sessions(scene)
        wait_until(scene.site.service.ready, "the service by way of the proxy", 30, 0.05)
        yield proxy
    finally:
        proxy.end()
        behind.rename(place)


def _end_sessions(scene):
    scene.site.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                   "WHERE datname = current_database() AND pid <> pg_backend_pid()")


@fault("the database cannot be reached for minutes: nobody listens, then nobody answers")
def database_unreachable(scene):
    way = scene.choose("refused", "swallowed")
    if way == "refused":
        place = scene.site.cluster.folder / ".s.PGSQL.5432"
        away = place.with_name(".s.away")
        place.rename(away)
        try:
            scene.site.cluster.end_backends()
            scene.last(30, 180)
        finally:
            away.rename(place)
        return
    with between(scene) as proxy:
        proxy.order("swallow")
        scene.last(30, 180)
        proxy.order("pass")


@fault("the database stands still (SIGSTOP of every backend), and goes on")
def database_hangs(scene):
    scene.site.cluster.freeze()
    scene.last(3, 40)
    scene.site.cluster.thaw()


@fault("the database is slow: every piece of a question or an answer takes its time")
def database_slow(scene):
    with between(scene) as proxy:
        proxy.order(f"delay {scene.choose(0.02, 0.1, 0.3)}")
        scene.last(5, 20)
        proxy.order("pass")


@fault("the connection is cut between COMMIT and its answer")
def commit_answer_lost(scene):
    with between(scene) as proxy:
        proxy.order(f"cut-commits {scene.choose(1, 4, 12)}")
        wait_until(lambda: proxy.order("left") == "0", "commits to cut", 60, 0.05)


@fault("the connections to the database are ended by its administrator, again and again")
def database_sessions_ended(scene):
    for _ in range(scene.choose(1, 5)):
        _end_sessions(scene)
        time.sleep(0.5 * scene.dice.random())


@fault("the database's disk is full",
       lambda: None if Disk.possible() else "needs a file system of its own, which only root may mount")
def database_disk_full(scene):
    site = scene.site
    site.disk.fill()
    scene.last(5, 20)
    site.disk.clear()
    if not site.cluster.process.running():  # it gives up where it cannot write its log: an operator starts it
        scene.tell("the server gave up")
        site.cluster.start()
    site.wait_answers()


@fault("the database is read-only (default_transaction_read_only)")
def database_read_only(scene):
    _set(scene, "on")
    scene.last(3, 15)
    _set(scene, "off")


def _set(scene, value):
    scene.site.cluster.sql(f"ALTER SYSTEM SET default_transaction_read_only = {value}", "postgres")
    scene.site.cluster.sql("SELECT pg_reload_conf()", "postgres")
