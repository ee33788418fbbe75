#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The machine of the service that consumes the broker is cut off, as one that lost power is: nobody closes its connections to
the database. The server ends them by itself, and the second service has the broker within half a minute."""
import os
import subprocess
import sys
import time

from stand import run
from stand.processes import Process
from stand.service import Service
from stand.waiting import wait_until

SERVER, CUT_OFF = "10.78.0.1", "10.78.0.2"
PRIVATE = "XGATE_TEST_PRIVATE_NETWORK"


def be_private():
    """A network of our own, in which a second one can be made."""
    if os.environ.get(PRIVATE):
        return
    unshare = ["unshare", "--net", "--"]
    if os.geteuid() != 0 or subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode != 0:
        print("skipped: network namespaces need root, and a kernel that permits them")
        sys.exit(77)
    os.environ[PRIVATE] = "1"
    # the fixture's cluster has a socket only, which is there in every network
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def ip(*words, enter=()):
    subprocess.run([*enter, "ip", *words], check=True, capture_output=True, text=True)


def service_cut_off_loses_its_lease(stand):
    cluster, database = stand.cluster, stand.database
    cluster.stop()
    with open(cluster.data / "pg_hba.conf", "a", encoding="utf-8") as rules:
        rules.write("host all all 10.78.0.0/30 trust\n")
    machine = Process("the other machine", ["unshare", "--net", "sleep", "infinity"], stand.folder / "machine.log")
    machine.wait_ready(lambda: os.readlink(f"/proc/{machine.pid}/ns/net") != os.readlink("/proc/self/ns/net"), "it is apart")
    enter = ["nsenter", f"--net=/proc/{machine.pid}/ns/net"]
    for inside in ([], enter):
        ip("link", "set", "lo", "up", enter=inside)
    ip("link", "add", "server0", "type", "veth", "peer", "name", "machine0", "netns", str(machine.pid))
    for device, address, inside in (("server0", SERVER, []), ("machine0", CUT_OFF, enter)):
        ip("address", "add", f"{address}/30", "dev", device, enter=inside)
        ip("link", "set", device, "up", enter=inside)
    cluster.addresses = SERVER
    cluster.start()

    (stand.folder / "first").mkdir()
    conninfo = database.conninfo.replace(f"host={cluster.folder} ", f"host={SERVER} ")
    first = Service(stand.folder / "first", conninfo, stand.broker.port)
    first.prefix = [*enter, "--"]
    first.start(wait_ready=False)
    first.process.wait_ready(lambda: database.sql("SELECT 1 FROM broker WHERE fence > 0"), "the first has the lease")
    stand.service.start(wait_ready=False)
    stand.service.process.wait_ready(lambda: "another service consumes broker" in stand.service.process.log(), "the second waits")

    ip("link", "set", "machine0", "down", enter=enter)
    began = time.monotonic()
    wait_until(lambda: "is ours now" in stand.service.process.log(), "the second has the lease", 40)
    print(f"after {time.monotonic() - began:.1f} s")
    first.process.kill()
    machine.kill()


be_private()
run(service_cut_off_loses_its_lease, database="own", broker=False, service=False, log_level="info")
