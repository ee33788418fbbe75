#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate simulate --scenario`: a broker that is restarted, however long that takes, ends no run: the devices connect again and
go on, which is said once; so do devices that were away on purpose meanwhile, or had not come yet. A login that is refused
afterwards still ends it for that device, with the reason."""
import json
import signal
import subprocess

from stand import builds, run
from stand.waiting import seconds, wait_until

SCENARIO = """
[devices]
product = "{product}"
first = "Sim0001"
count = 3

[[do]]
every = "100ms"
uplink = {{ n = "@count" }}
"""


# The first device is away when the broker goes, and comes back, as the second comes for the first time, while it is not there.
LEAVING = """
[devices]
product = "{product}"
first = "Way0001"
count = 2
ramp = "7s"

[[do]]
relogin = "6s"
"""


class Run:
    """`xgate simulate` of a scenario, and the lines it said."""

    def __init__(self, stand, name, scenario):
        path = stand.folder / f"{name}.toml"
        path.write_text(scenario, encoding="utf-8")
        self._output = stand.folder / f"{name}.out"
        with open(self._output, "w", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                [builds.XGATE, "simulate", "--scenario", str(path), "--login-type", "0", "--port", str(stand.broker.port),
                 "--timeout-ms", "20000", "--json"], stdout=file,
                env={**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                     "XGATE_TOKEN_FILE": str(stand.service.token_file)})

    def said(self):
        return self._output.read_text(encoding="utf-8")

    def lines(self, name):
        return [line for line in map(json.loads, self.said().split("\n")[:-1]) if line["name"] == name]

    def progress(self):
        return (self.lines("progress") or [{"acked": 0, "logins": 0, "connected": 0, "elapsed_s": 0}])[-1]

    def has_no_fault(self):
        return not self.lines("fault") and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()


def simulate_outlives_a_restart_of_the_broker(stand):
    product = stand.product(auth_type=0, kind="transparent")
    leaving = Run(stand, "leaving", LEAVING.format(product=product.product_id))
    staying = Run(stand, "staying", SCENARIO.format(product=product.product_id))
    try:
        wait_until(lambda: leaving.progress()["logins"] == 1 and leaving.progress()["connected"] == 0, "the first to be away")
        wait_until(lambda: staying.progress()["acked"] > 10, "the devices to report")
        stand.broker.stop()
        wait_until(lambda: staying.lines("connection"), "the loss to be said")
        # longer than three tries, which end what never was connected
        gone = staying.lines("connection")[0]["elapsed_s"]
        wait_until(lambda: leaving.lines("fault") or (staying.progress()["elapsed_s"] > gone + 8
                                                      and leaving.progress()["elapsed_s"] > 7 + 5),
                   "some seconds to pass", 60)
        assert staying.has_no_fault(), staying.said()
        assert leaving.has_no_fault(), leaving.said()
        stand.broker.start()
        wait_until(lambda: len(staying.lines("connection")) == 2, "all to be connected again", timeout=60)
        lost, back = staying.lines("connection")
        assert lost["lost"] and lost["reason"] and not back["lost"], (lost, back)
        before = staying.progress()["acked"]
        wait_until(lambda: staying.progress()["acked"] > before + 10, "them to go on")
        wait_until(lambda: leaving.lines("result"), "those that were away to do what they have to", 60)
        result = leaving.lines("result")[0]
        assert leaving.process.wait(timeout=seconds(10)) == 0 and result["logins"] == 4 and not result["given_up"], result

        stand.service.api("POST", f"/devices/{product.product_id}.Sim0002/disable")
        # What it had just reported may be answered 4001 before it is thrown out: a fault too, of no requirement.
        wait_until(lambda: [f for f in staying.lines("fault") if f.get("requirement")], "the refused login to be told", timeout=60)
        faults = staying.lines("fault")
        assert [f["requirement"] for f in faults if f.get("requirement")] == ["V2-6"], faults
        assert all(f["device"].endswith(".Sim0002") for f in faults), faults
        staying.process.send_signal(signal.SIGINT)
        assert staying.process.wait(timeout=seconds(30)) == 1
    finally:
        staying.kill()
        leaving.kill()
    result = staying.lines("result")[0]
    assert result["given_up"] == 1 and result["lost"] >= 4 and result["unanswered"] == 0, result


run(simulate_outlives_a_restart_of_the_broker)
