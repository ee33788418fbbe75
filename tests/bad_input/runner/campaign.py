# SPDX-License-Identifier: Apache-2.0
"""One stand, all areas one after the other, and a look at everything after each."""
import time

from stand import builds
from stand.good_device import GoodDevice
from stand.stand import Stand, _guard
from stand.waiting import wait_until

from .frames import FrameCases
from .health import Health
from .http import HttpCases
from .mqtt import MqttCases
from .programs import ProgramCases
from .scene import Scene
from .slow import SlowCases

# Few connections, so that "too many" is soon reached; and each wrong token is judged for itself, however many there were.
SETTINGS = """
[http]
connections = 64
longest_backoff_s = 0
[download]
connections = 64
unknown_per_hour = 0
[firmware]
max_mb = 4
"""


# Each case is judged for itself, however many one device sends (LIMIT-1…4).
NO_LIMITS = [word for name in ("messages-per-second", "bytes-per-second", "logins-per-minute", "auth-requests-per-minute",
                               "product-auth-requests-per-second", "product-auth-logins-per-second") for word in ("--" + name, "0")]


def run_all(areas, report):
    _guard()
    assert builds.XGATE.exists(), f"{builds.XGATE} is missing: build it, or say where it is with XGATE_BUILD_DIR"
    stand = Stand(settings=SETTINGS, broker_options=NO_LIMITS)
    good = None
    try:
        stand.start()
        scene = Scene(stand)
        good = GoodDevice(scene.devices["good"])
        scene.prepare(stand)
        packets = MqttCases(scene)
        runners = {"mqtt": packets, "login": packets, "frame": FrameCases(scene), "http": HttpCases(scene),
                   "program": ProgramCases(scene), "slow": SlowCases(scene)}
        slow = [area for area in areas if area.kind == "slow"]
        scene.watch()
        health = Health(scene)
        runners["slow"].begin([case for area in slow for case in area.cases])
        for area in [area for area in areas if area.kind != "slow"] + slow:
            run_area(area, runners[area.kind], scene, health, good, report)
        runners["frame"].close()
        good.stop()
        stand.stop()
    except BaseException:
        stand.print_tails()
        raise
    finally:
        if good:
            good.stop()
        stand.remove()


def run_area(area, runner, scene, health, good, report):
    health.begin()
    good.since()
    started, sent = time.monotonic(), 0
    for case in area.cases:
        at = time.monotonic()
        try:
            for where, what, came in runner.run(case):
                sent += 1
                # A row that is `wrong` shows that a false expectation of its kind is noticed.
                if fits(case.expect, came) == case.get("wrong", False):
                    report.failed(case.id + where, what, case.expect, came)
        except Exception as error:
            report.failed(case.id, "", case.expect, f"{type(error).__name__}: {error}")
        report.took(case, time.monotonic() - at)
    for case, came in runner.unrecorded():
        report.failed(case.id, "", case.get("record", case.expect), came)
    # One more answer of the good device: whatever came before it has been handled.
    latencies = good.since()
    more = []
    wait_until(lambda: more.extend(good.since()) or more, "the good device's next answer")
    for what in scene.intrusions():
        report.fault(area.name, what)
    for what in health.faults(area.changes):
        report.fault(area.name, what)
    report.area_done(area, sent, time.monotonic() - started, sorted(latencies + more), health.used())


def fits(expected, came):
    return came in [each.strip() for each in expected.split(" | ")]
