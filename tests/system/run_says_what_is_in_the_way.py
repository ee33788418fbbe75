#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run: a port that is taken, an option it does not know, an address that is not its own, a state that is in use, a folder it may not write: it says
what and what to do, in the reader's language, and leaves nothing running."""
import os
import socket
import subprocess

from stand.run_script import Checkout
from stand.stand import run_program
from stand.waiting import wait_until


def run_says_what_is_in_the_way(checkout):
    def fails(*arguments, **environment):
        done = subprocess.run(checkout.command(*arguments), capture_output=True, text=True, timeout=60,
                              env={**checkout.environment(), **environment}, cwd=checkout.folder)
        assert done.returncode not in (0, None), done
        wait_until(lambda: not checkout.processes(), "nothing left running")
        return done.stdout + done.stderr

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in fails("--mqtt-port", port)
        assert f"127.0.0.1 的端口 {port} 已被其他程序占用。" in fails("--http-port", port, LC_ALL="", LC_MESSAGES="zh_CN.UTF-8")
        assert port in fails("--download-port", port)
    assert "--surprise" in fails("--surprise")
    assert "--mqtt-port" in fails("--mqtt-port", "99999")
    assert "192.0.2.1 (--bind) is not an address of this machine" in fails("--bind", "192.0.2.1")
    assert "2001:db8::1 (--http-bind) is not an address of this machine" in fails("--http-bind", "2001:db8::1")
    assert "--bind wants an IP address" in fails("--bind", "1.2.3")
    barred = checkout.folder / "barred"
    barred.mkdir(mode=0o555)
    if os.geteuid() != 0 or checkout.command()[0] == "setpriv":
        assert "barred" in fails("--state", str(barred / "state"))

    checkout.start()
    checkout.wait_ready()
    second = subprocess.run(checkout.command("--mqtt-port", "1", "--http-port", "2"), capture_output=True, text=True,
                            timeout=60, env=checkout.environment(), cwd=checkout.folder)
    assert second.returncode != 0 and str(checkout.state) in second.stdout + second.stderr, second
    assert checkout.process.running()
    checkout.process.stop()
    wait_until(lambda: not checkout.processes(), "nothing left running")


run_program(run_says_what_is_in_the_way, Checkout)
