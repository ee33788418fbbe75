# SPDX-License-Identifier: Apache-2.0
"""All attacks one after the other, beside innocents, and a look at what each leaves behind."""
import itertools
import time

from stand import builds
from stand.stand import Stand, _guard
from stand.waiting import wait_until

from . import connections, database, floods, http, logins, outage, output
from .measure import Measure
from .scene import Scene

_ATTACKS = {name: function for module in (connections, database, floods, http, logins, outage, output)
            for name, function in module.ATTACKS.items()}
# MiB that an attack may leave behind where its row says nothing else: allocators keep what was freed.
MEMORY = {"broker_mib_at_most": 24, "service_mib_at_most": 48}
LATE_S = 1.0


def run_all(areas, report):
    _guard()
    assert builds.XGATE.exists(), f"{builds.XGATE} is missing: build it, or say where it is with XGATE_BUILD_DIR"
    for options, same in itertools.groupby(areas, lambda area: area.stand):
        _run_on_a_stand(options, [attack for area in same for attack in area.attacks], report)


def _run_on_a_stand(options, attacks, report):
    stand = Stand(log_level="info", **options)
    scene = None
    try:
        stand.start()
        scene = Scene(stand)
        measure = Measure(scene)
        for attack in attacks:
            report.at = attack.id
            _run(attack, scene, measure, report)
        scene.close()
        stand.stop()
    except BaseException:
        stand.print_tails()
        raise
    finally:
        if scene:
            scene.close()
        stand.remove()


def _run(attack, scene, measure, report):
    innocents = {"reports": scene.reports, "logins": scene.logins}
    for innocent in innocents.values():
        innocent.since()
    started = time.monotonic()
    facts = _ATTACKS[attack.kind](scene, **attack.parameters)
    seconds = time.monotonic() - started
    beside = {}
    for name, innocent in innocents.items():
        served = innocent.since()
        if name == "reports":  # one more answer: whatever came before it has been handled
            more = []
            wait_until(lambda: more.extend(innocent.since()) or more, "the next answer")
            served += more
        beside[name] = _told(served)
    left, faults = measure.since(attack)
    facts |= left
    attack.holds = {**MEMORY, **attack.holds}
    missed = attack.missed(facts) if left else {}
    not_noticed = [name for name in attack.wrong if name not in missed]
    faults += [f"{name} is false, and was not noticed" for name in not_noticed]
    faults += [told for name, told in missed.items() if name not in attack.wrong and not attack.known]
    report.done(attack, seconds, facts, beside, faults, list(missed.values()))


def _told(latencies):
    """An innocent waits for each answer, so that one that is not answered fails the run."""
    latencies = sorted(latencies)
    if not latencies:
        return {"asked": 0, "served": 0, "late": 0, "p99_ms": 0, "max_ms": 0}
    at = latencies[min(len(latencies) - 1, int(0.99 * len(latencies)))]
    return {"asked": len(latencies), "served": len(latencies), "late": sum(each > LATE_S for each in latencies),
            "p99_ms": round(1000 * at), "max_ms": round(1000 * latencies[-1])}
