#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A change that a broker has not confirmed after two seconds is answered all the same, for it is stored; header and command
line name that broker. Of one that is stopped, of one whose plugin has lost the database, and of one that has just ended;
one that has long ended is waited for no more. Meanwhile other requests are answered at once."""
import signal
import threading
import time

from stand import run
from stand.device import Device
from stand.waiting import seconds, wait_until


def api_names_the_broker_that_has_not_confirmed(stand):
    product = stand.product()
    path = f"/api/v1/products/{product.product_id}/devices?reveal=true"

    def add(node_eui):
        began = time.monotonic()
        answer = stand.service.request("POST", path, {"node_eui": node_eui})
        assert answer.status == 201, answer
        device = Device(stand, product, node_eui, answer.json["device_secret"])
        stand.keep_secret(device.device_secret, f"DeviceSecret of {device.name}")
        return device, answer.headers.get("Xgate-Unconfirmed"), time.monotonic() - began

    assert add("before")[1] is None

    stand.broker.process.send_signal(signal.SIGSTOP)
    device, unconfirmed, took = add("stopped")
    assert unconfirmed == "local" and 1.9 < took < seconds(4), (unconfirmed, took)
    told = stand.xgate("device", "disable", device.name)
    assert "broker local has not confirmed" in told.stderr and "is disabled" in told.stdout, told
    # They hold neither a thread nor a connection.
    answered = []
    waiting = [threading.Thread(target=lambda n=n: answered.append(add(f"waits{n:03d}"))) for n in range(60)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: stand.database.sql("SELECT count(*) FROM device WHERE node_eui LIKE 'waits%'") == [["60"]], "all of them")
    stand.service.api("GET", f"/products/{product.product_id}")
    assert len(answered) < 50, "others got their turn only as those who wait ended"
    for thread in waiting:
        thread.join()
    stand.broker.process.send_signal(signal.SIGCONT)
    wait_until(lambda: add(f"goeson{time.monotonic_ns() % 10**9:09d}")[1] is None, "the broker to confirm again")
    stand.service.api("POST", f"/devices/{device.name}/enable")
    assert device.raw_login()[0] == 0

    # The plugin reads again from the start, but what it was asked meanwhile it has not heard.
    stand.database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                       "WHERE application_name LIKE 'xgate plugin %' AND datname = current_database()")
    device, unconfirmed, _took = add("lost00")
    if unconfirmed is None:
        assert device.raw_login()[0] == 0, "confirmed by a plugin that was back already"
    else:
        assert unconfirmed == "local", unconfirmed
        wait_until(lambda: device.raw_login()[0] == 0, "the plugin to be back")

    stand.broker.stop()
    _device, unconfirmed, took = add("ended0")
    assert unconfirmed == "local" and took < seconds(4), (unconfirmed, took)
    wait_until(lambda: add(f"gone{time.monotonic_ns() % 10**9:09d}")[1] is None, "the broker to be given up", timeout=30)
    device, unconfirmed, _took = add("away00")
    assert unconfirmed is None, unconfirmed
    stand.broker.start()
    assert device.raw_login()[0] == 0, "a broker reads all before it listens"


run(api_names_the_broker_that_has_not_confirmed)
