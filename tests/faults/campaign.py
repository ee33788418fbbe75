#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./faults: breaks a platform under load, round after round, and holds its devices' record against its database."""
import argparse
import atexit
import collections
import contextlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

_HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent / "system"), str(_HERE)]

def _options():
    parser = argparse.ArgumentParser(prog="./faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, metavar="N", help="so many rounds (25)")
    parser.add_argument("--seed", type=int, metavar="S", help="everything that is left to chance follows from it")
    parser.add_argument("--round", type=int, metavar="K", help="this round alone, as it was in the campaign of that seed")
    parser.add_argument("--only", action="append", metavar="FAULT", help="of these faults alone; may be repeated")
    parser.add_argument("--list", action="store_true", help="what faults there are, and which are impossible here")
    parser.add_argument("--brief", action="store_true", help="faults of seconds, as in ./test")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and database of a failed round")
    parser.add_argument("--json", metavar="FILE", help="write the results there too (- for the output)")
    parser.add_argument("--soak", metavar="TIME", help="no faults: load for so long (30m), and the slope of memory")
    return parser.parse_args()


# --help ends here, where the libraries of the tests may not be installed yet.
_OPTIONS = _options()

# pylint: disable=wrong-import-position
import faults
import report
import soak
from rounds import Campaign
from stand import builds

_PRIVATE = "XGATE_FAULTS_PRIVATE"


def _be_private():
    """Network and mounts of our own, where that is permitted: what we break is then nobody else's."""
    if os.environ.get(_PRIVATE) is not None or os.geteuid() != 0:
        return
    unshare = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
    works = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    os.environ[_PRIVATE] = "1" if works else ""
    if works:
        os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def _prepare():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, lambda number, _: sys.exit(f"ended by signal {number}"))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    for path in (builds.XGATE, builds.PLUGIN):
        if not path.exists():
            sys.exit(f"./faults: {path} is not built")


def _list():
    for fault in faults.load_catalogue().values():
        why = fault.impossible()
        print(f"{fault.name:32} {fault.what}{f' [not here: {why}]' if why else ''}")


def main():
    options = _OPTIONS
    _be_private()
    if options.list:
        return _list()
    _prepare()
    options.seed = random.randrange(1 << 31) if options.seed is None else options.seed
    unknown = set(options.only or []) - set(faults.load_catalogue())
    if unknown:
        sys.exit(f"./faults: there is no fault {', '.join(sorted(unknown))}; --list shows them")
    if options.soak:
        with _campaign(options) as campaign:
            return soak.run(campaign, options)
    return _rounds(options)


@contextlib.contextmanager
def _campaign(options):
    """A platform of its own, in a folder of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xgate-faults-"))
    folder.chmod(0o755)  # PostgreSQL is another user
    options.folder = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    campaign = Campaign(folder, options)
    try:
        campaign.begin()
        yield campaign
    finally:
        campaign.end()
        atexit.unregister(shutil.rmtree) if campaign.kept else shutil.rmtree(folder, ignore_errors=True)


def _show(summary, options):
    report.table(summary)
    if options.json:
        text = json.dumps(summary, indent=1)
        print(text) if options.json == "-" else pathlib.Path(options.json).write_text(text + "\n", encoding="utf-8")


def _rounds(options):
    began = time.monotonic()
    results, numbers = [], collections.deque([options.round] if options.round is not None else range(options.rounds))
    try:
        while numbers:
            with _campaign(options) as campaign:
                while numbers and not campaign.broken:
                    results.append(campaign.round(numbers.popleft()))
                    report.tell(results[-1], options)
    finally:  # who ends it by hand wants to know what there was so far
        summary = report.summary(results, options, time.monotonic() - began)
        if results:
            _show(summary, options)
    return 1 if summary["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
