#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ctest's fixture: `up FILE` starts the cluster that the tests share and describes it in FILE,
`down FILE` ends it. It ends too when ctest itself does, however that ends."""
import json
import os
import select
import signal
import subprocess
import sys
import time

from stand.postgres import Cluster
from stand.waiting import wait_until


def keep(description, owner):
    """The keeper: holds the cluster until it is told to stop or ctest is gone."""
    cluster = Cluster(durable=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        cluster.prepare()
        with open(description + ".new", "w", encoding="utf-8") as file:
            json.dump({"folder": str(cluster.folder), "keeper": os.getpid()}, file)
        os.rename(description + ".new", description)
        select.select([os.pidfd_open(owner)], [], [])
    finally:
        if os.path.exists(description):
            os.unlink(description)
        cluster.remove()


def up(description):
    log_path = description + ".log"
    with open(log_path, "w", encoding="utf-8") as log:
        keeper = subprocess.Popen([sys.executable, __file__, "keep", description, str(os.getppid())],
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def ready():
        if keeper.poll() is not None:
            with open(log_path, encoding="utf-8") as log:
                sys.exit(f"the shared PostgreSQL did not start:\n{log.read()}")
        return os.path.exists(description)
    wait_until(ready, "the shared PostgreSQL", 120)


def down(description):
    if not os.path.exists(description):
        return
    with open(description, encoding="utf-8") as file:
        keeper = json.load(file)["keeper"]
    handle = os.pidfd_open(keeper)
    signal.pidfd_send_signal(handle, signal.SIGTERM)
    deadline = time.monotonic() + 60
    if not select.select([handle], [], [], deadline - time.monotonic())[0]:
        sys.exit(f"the shared PostgreSQL's keeper {keeper} does not end")


if __name__ == "__main__":
    if sys.argv[1] == "keep":
        keep(sys.argv[2], int(sys.argv[3]))
    else:
        down(sys.argv[2])  # of a ctest before that was killed
        if sys.argv[1] == "up":
            up(sys.argv[2])
