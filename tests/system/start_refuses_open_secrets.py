#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets that everybody may read are refused at start, each in one sentence that names the file: the service's
broker password and token, its settings where they carry a password; the broker's accounts, its configuration where it
carries the database's password, its TLS keys. So are an empty token or password, and a service account whose name
could be a device's."""
import subprocess

from stand import builds, run
from stand.broker import SERVICE_USER
from stand.ports import take_port
from stand.processes import Process


def start_refuses_open_secrets(stand):
    service, broker = stand.service, stand.broker
    number = iter(range(100))

    def refused(argv, env, *words):
        log = stand.folder / f"refused{next(number)}.log"
        process = Process(str(words), argv, log, env=env)
        status, text = process.wait(30), process.log()
        process.kill()
        assert status != 0, text
        lines = [line for line in text.splitlines() if all(word in line for word in words)]
        assert len(lines) == 1, (words, text)

    def service_refused(*words):
        refused([str(builds.XGATE), "serve", "--config", str(service.configuration)], builds.xgate_environment(), *words)

    def broker_refused(*words):
        refused([builds.find_mosquitto(), "-c", str(broker.configuration)], builds.broker_environment(), *words)

    def while_open(path, refusal, *words):
        mode = path.stat().st_mode
        path.chmod(0o644)
        refusal(*words)
        path.chmod(mode)

    # ---- the service
    while_open(service.folder / "broker.password", service_refused, "[broker] password_file", "chmod 600")
    while_open(service.configuration, service_refused, "[database] url carries a password", "chmod 600")
    service.token_file.write_text("xgate_0123456789\n", encoding="utf-8")
    while_open(service.token_file, service_refused, "[http] token_file", "chmod 600")
    service.token_file.chmod(0o600)
    service.token_file.write_text(" \n", encoding="utf-8")
    service_refused("[http] token_file", "there is no token")
    service.token_file.unlink()
    password_file = service.folder / "broker.password"
    good = password_file.read_text(encoding="utf-8")
    password_file.write_text("\n", encoding="utf-8")
    service_refused("[broker] password_file", "is empty")
    password_file.write_text(good, encoding="utf-8")
    settings = service.configuration.read_text(encoding="utf-8")
    for name in ("7ED01E2A-AA30C505-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505", "V2_AA30C505.20MQTTJ000121_0_1",
                 "AA30C505-20MQTTJ000121", "AA30C505.20MQTTJ000121"):
        service.configuration.write_text(settings.replace(f'"{SERVICE_USER}"', f'"{name}"'), encoding="utf-8")
        service_refused("[broker] username", "a device logs in with")
    service.configuration.write_text(settings, encoding="utf-8")
    stand.database.sql("INSERT INTO api_token (name, token_sha256, role) VALUES ('empty', sha256(''), 'read')")
    service_refused("critical", "an API token in the database is the empty text")
    stand.database.sql("DELETE FROM api_token WHERE name = 'empty'")

    # ---- the broker
    while_open(broker.accounts_file, broker_refused, "plugin_opt_accounts_file", "open to everybody")
    while_open(broker.configuration, broker_refused, "plugin_opt_database carries a password", "chmod 600")
    key, certificate = stand.folder / "server.key", stand.folder / "server.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    configuration = broker.configuration.read_text(encoding="utf-8")
    broker.configuration.write_text(
        configuration + f"\nlistener {take_port()} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n", encoding="utf-8")
    while_open(key, broker_refused, f"the TLS key {key} is open to everybody")
    broker.configuration.write_text(configuration, encoding="utf-8")
    accounts = broker.accounts_file.read_text(encoding="utf-8")
    line = accounts.splitlines()[0].removeprefix(SERVICE_USER)
    for name in ("7ED01E2A-AA30C505-20MQTTJ000121", "AA30C505-20MQTTJ000121", "AA30C505.20MQTTJ000121"):
        broker.accounts_file.write_text(accounts + name + line + "\n", encoding="utf-8")
        broker_refused("plugin_opt_accounts_file", "line 3", "a device logs in with")
    broker.accounts_file.write_text(accounts, encoding="utf-8")

    # ---- and as they were, both start
    broker.start()
    service.start()


run(start_refuses_open_secrets, broker=False, service=False)
