#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-6: service accounts log in from plugin_opt_accounts_from alone, so that nobody else makes the service wait: from anywhere else
the right password is refused as well, unlooked at, and told. Names that no account has meet their address' limit. A hash that
would take the broker's thread for long is refused at start."""
import re

from stand import builds, run
from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER, SERVICE_PASSWORD, SERVICE_USER
from stand.processes import Process
from stand.raw_mqtt import RawClient
from stand.waiting import wait_until

NEIGHBOUR, STRANGER = "127.0.0.2", "127.0.0.3"
BUDGET = 50


def v2_6_accounts_log_in_from_their_own_addresses(stand):
    def login(username, password, address=None):
        raw = RawClient(stand.broker.port, address=address)
        code = raw.login("me", username, password)
        raw.close()
        return code

    def told(words, address):
        return wait_until(lambda: next((item for item in stand.service.items("/refusals", limit=200)
                                        if item["address"] == address and words in item["reason"]), None), words)

    assert login(OPERATOR_USER, OPERATOR_PASSWORD) == 0
    assert login(OPERATOR_USER, OPERATOR_PASSWORD, NEIGHBOUR) == 5, "the right password, from elsewhere"
    refusal = told("a service account may not log in from this address: plugin_opt_accounts_from", NEIGHBOUR)
    assert refusal["requirement"] == "V2-6" and refusal["username"] == OPERATOR_USER, refusal

    for _guess in range(8):
        assert login(SERVICE_USER, "guess", NEIGHBOUR) == 5
    told("too many failed logins under this name from this address, 6", NEIGHBOUR)
    assert login(SERVICE_USER, SERVICE_PASSWORD) == 0, "the service, which does not share that address"
    stand.service.restart()

    for number in range(BUDGET + 2):
        assert login(f"name{number}", "guess", STRANGER) == 5
    told("too many failed logins from this address, under many names", STRANGER)

    lines = stand.broker.accounts_file.read_text(encoding="utf-8")
    dear = re.sub(r"(?m)^(operator:\$7\$)\d+", r"\g<1>1001", lines)
    assert dear != lines
    stand.broker.accounts_file.write_text(dear, encoding="utf-8")
    stand.broker.reload()
    wait_until(lambda: "line 2: the account's hash takes 1001 iterations" in stand.broker.process.log(), "the line in the log")
    assert login(OPERATOR_USER, OPERATOR_PASSWORD) == 0, "the accounts stay what they were"
    stand.broker.stop()
    process = Process("a broker with a dear hash", [builds.find_mosquitto(), "-c", str(stand.broker.configuration)],
                      stand.folder / "dear.log", env=builds.broker_environment())
    status, log = process.wait(30), process.log()
    process.kill()
    assert status != 0 and "line 2: the account's hash takes 1001 iterations, and at most 1000 are taken" in log, log
    stand.broker.accounts_file.write_text(lines, encoding="utf-8")
    stand.broker.start()


run(v2_6_accounts_log_in_from_their_own_addresses,
    broker_options=["--accounts-from", "127.0.0.1", "--login-failures-per-address", str(BUDGET)])
