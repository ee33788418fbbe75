# SPDX-License-Identifier: Apache-2.0
"""Mosquitto with our plugin, configured by the one configuration that everybody else uses."""
import os
import signal
import subprocess

from . import builds
from .ports import is_listening, take_port
from .processes import Process

SERVICE_USER = "xgate-service"
SERVICE_PASSWORD = "serv1ce-Passw0rd-of-the-tests"
OPERATOR_USER = "operator"
OPERATOR_PASSWORD = "0perator-Passw0rd-of-the-tests"


class Broker:
    def __init__(self, folder, conninfo, clock_skew=60, extra="", options=(), broker_id="local"):
        self.id = broker_id
        self.folder = folder / "broker"
        self.folder.mkdir()
        self.port = take_port()
        self.accounts_file = self.folder / "accounts"
        self.cache_file = self.folder / "directory.cache"
        self.configuration = self.folder / "mosquitto.conf"
        self.log_path = folder / "mosquitto.log"
        self.process = None
        self.prefix = []  # what starts it, where a test has reasons
        self._write_accounts()
        subprocess.run(
            [builds.SOURCE / "deploy" / "render-mosquitto-conf", "--plugin", builds.PLUGIN,
             "--database", conninfo, "--accounts-file", self.accounts_file,
             "--cache-file", self.cache_file, "--persistence-dir", self.folder,
             "--broker-id", broker_id, "--port", str(self.port), "--clock-skew", str(clock_skew),
             *options, "--output", self.configuration], check=True)
        with open(self.configuration, "a", encoding="utf-8") as file:
            if os.geteuid() == 0:  # the checkout may be readable by nobody else
                file.write("user root\n")
            file.write(extra)

    def _write_accounts(self):
        self.accounts_file.write_text(f"{SERVICE_USER}:{SERVICE_PASSWORD}\n{OPERATOR_USER}:{OPERATOR_PASSWORD}\n",
                                      encoding="utf-8")
        self.accounts_file.chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-U", self.accounts_file], check=True)

    def start(self):
        self.process = Process("mosquitto", [*self.prefix, builds.find_mosquitto(), "-c", str(self.configuration)],
                               self.log_path, env=builds.broker_environment())
        self.process.wait_ready(lambda: is_listening(self.port), "Mosquitto listens")

    def stop(self):
        return self.process.stop(signal.SIGTERM)

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
