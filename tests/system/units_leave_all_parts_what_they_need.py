#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Broker and service do all that they have to under the system calls, address families, umask and (no) capabilities that their units of
systemd leave them: devices log in and report, scripts run in processes that lay their own filter over it, firmware is downloaded,
the copy on disk is written, a SIGHUP is taken. What the units forbid fails. Exits with 77 where there is no systemd-analyze."""
import pathlib
import re
import subprocess
import sys

from stand import builds, hex_product, run, unit
from stand.ota import Firmware, content, get, start, upload, wait_state
from stand.waiting import wait_until

UNITS = builds.SOURCE / "deploy" / "systemd"
BROKERS, SERVICES = UNITS / "mosquitto-xgate.conf", UNITS / "xgate.service.in"


def units_leave_all_parts_what_they_need(stand):
    for of in (BROKERS, SERVICES):
        forbidden(of)
    stand.broker.prefix, stand.service.prefix = unit.command(BROKERS), unit.command(SERVICES)
    stand.broker.start()
    stand.start_service()
    for part in (stand.broker, stand.service):
        assert status(part.process.pid, "NoNewPrivs") == "1" and int(status(part.process.pid, "Seccomp_filters")) == 2, part
        assert int(status(part.process.pid, "CapEff"), 16) == 0, part

    scripts(stand)
    firmware(stand)
    stand.broker.reload()
    device = stand.device(stand.product(auth_type=0, encrypted=True))
    device.authenticate()
    device.login()
    wait_until(stand.broker.cache_file.exists, "the copy of the directory")
    assert stand.broker.cache_file.stat().st_mode & 0o077 == 0
    stand.service.restart()
    stand.broker.restart()
    stand.service.wait_ready()


def scripts(stand):
    device = stand.device(hex_product.scripted_product(stand))
    client = device.login(subscribe=["model/hex/report_ack"])
    ack = device.send(client, "model/hex/report", hex_product.PROPERTIES, 1, 18)
    assert ack["Payload"]["Code"] == "200", ack
    workers = stand.service.script_processes()
    assert workers
    for pid in workers:  # the service's two, and its own
        assert status(pid, "NoNewPrivs") == "1" and int(status(pid, "Seccomp_filters")) == 3, pid
    other = stand.device(hex_product.scripted_product(stand, "function rawDataToProtocol() { while (true) {} }", None))
    ack = other.send(other.login(subscribe=["model/hex/report_ack"]), "model/hex/report", "00", 1, 18)
    assert ack["Payload"]["Code"] == "4001" and "50 ms" in ack["Payload"]["Msg"], ack


def firmware(stand):
    product = stand.product()
    device = stand.device(product)
    body = content(200_000)
    upload(stand, product, "v2", body)
    job_id = start(stand, product, "v2", [device])["job_id"]
    updater = Firmware(device).boot()
    notice = updater.notified()
    assert get(notice["Payload"]["Url"])[0::2] == (200, body)
    updater.install(notice)
    wait_state(stand, job_id, device, "succeeded")


def forbidden(of):
    tries = ("import socket; socket.socket(socket.AF_NETLINK)", "import mmap; mmap.mmap(-1, 4096, prot=7)", "import os; os.chown('/', 0, 0)",
             "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
             "raise SystemExit(c.unshare(0x10000000) and os.strerror(ctypes.get_errno()))",
             "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
             "raise SystemExit(c.mount(b'none', b'/tmp', b'tmpfs', 0, None) and os.strerror(ctypes.get_errno()))")
    for code in tries:
        done = subprocess.run([*unit.command(of), sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode != 0 and ("not permitted" in done.stderr or "not supported" in done.stderr), (of, code, done)


def status(pid, name):
    return re.search(rf"^{name}:\s*(\S+)$", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.M)[1]


if not unit.can_be_imitated():
    print("there is no systemd-analyze here, which tells the groups of system calls")
    sys.exit(77)
run(units_leave_all_parts_what_they_need, broker=False, service=False)
