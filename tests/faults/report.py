# SPDX-License-Identifier: Apache-2.0
"""What the campaign says: on a terminal as it goes, and a table at the end."""
import collections
import os
import statistics
import sys

_COLUMNS = "{:30} {:>6} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}  {}"


def doing(number, what):
    if sys.stderr.isatty():
        print(f"\r\x1b[Kround {number}: {what}", end="", file=sys.stderr, flush=True)


def tell(result, options):
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    heal = result.get("heal_s")
    shown = f"healed in {heal:.2f} s" if heal is not None else "did not heal"
    measured = " ".join(f"{name} {kb // 1024} MB/{fds}" for name, (kb, fds) in result.get("measured", {}).items())
    print(f"round {result['round']:3} {'FAILED' if result['complaints'] else 'ok    '} {result['fault']}"
          f"{' (' + result['detail'] + ')' if result['detail'] else ''}: {result['sent']} sent, "
          f"{result.get('acked', '?')} acked, {result.get('stored', '?')} stored, {shown}; {measured}", flush=True)
    for complaint in result["complaints"]:
        print(f"    {complaint}")
    if result["complaints"]:
        if options.keep:
            print(f"    kept: {options.folder}")
        only = "".join(f" --only {name}" for name in options.only or [])
        brief = " --brief" if options.brief else ""
        print(f"    again: ./faults --seed {result['seed']} --round {result['round']}{only}{brief} --keep", flush=True)


def summary(results, options, seconds):
    return {"seed": options.seed, "brief": options.brief, "seconds": round(seconds, 1),
            "cores": os.cpu_count(), "machine_load": round(os.getloadavg()[0], 1),
            "network": "packets" if os.environ.get("XGATE_FAULTS_PRIVATE") else "streams",
            "failed": sum(bool(result["complaints"]) for result in results), "rounds": results}


def table(found):
    by_fault = collections.defaultdict(list)
    for result in found["rounds"]:
        by_fault[result["fault"]].append(result)
    print("\n" + _COLUMNS.format("fault", "rounds", "sent", "acked", "stored", "redelivered", "heal p50", "heal max", ""))
    for name, results in sorted(by_fault.items()):
        _line(name, results)
    _line("all", found["rounds"])
    print(f"seed {found['seed']}, {found['seconds']} s, {found['cores']} cores, load {found['machine_load']}; "
          f"{found['failed']} rounds failed")


def _line(name, results):
    heals = [result["heal_s"] for result in results if "heal_s" in result]
    failed = sum(bool(result["complaints"]) for result in results)
    sums = [sum(result.get(key, 0) for result in results) for key in ("sent", "acked", "stored", "redelivered")]
    print(_COLUMNS.format(name, len(results), *sums, f"{statistics.median(heals):.2f} s" if heals else "-",
                          f"{max(heals):.2f} s" if heals else "-", f"{failed} FAILED" if failed else ""))
