#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A broker whose soft limit of open files is low, as systemd's 1,024 is, takes connections beyond it: the plugin raises it to the
hard one when it is loaded, and the log says how many there are."""
import resource

from stand import run
from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER
from stand.raw_mqtt import RawClient

SOFT, HARD = 300, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD))  # what the stand starts inherits it


def broker_takes_more_devices_than_the_soft_limit_of_open_files(stand):
    resource.setrlimit(resource.RLIMIT_NOFILE, (HARD, HARD))
    log = stand.broker.log_path.read_text(encoding="utf-8")
    assert f"{HARD} open files are allowed, a connection each (raised from {SOFT})" in log, log
    clients = [RawClient(stand.broker.port) for _ in range(SOFT + 50)]
    codes = [client.login(f"op{number}", OPERATOR_USER, OPERATOR_PASSWORD) for number, client in enumerate(clients)]
    assert codes == [0] * len(clients), codes
    for client in clients:
        client.close()


run(broker_takes_more_devices_than_the_soft_limit_of_open_files)
