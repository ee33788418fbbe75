#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml on a real engine, with the images made of the .deb of this build: docs/containers.md from its first
block to its last, by both generations of Compose, and between its blocks what a site meets. Exits with 77 and a sentence
where root, namespaces or the engine are not to be had."""
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time

import page
from compose import Compose, fetch_v2, wait_until
from engine import Engine
from machine import Machine, Unfit, check_fitness

BUILD = pathlib.Path(os.environ["XGATE_BUILD_DIR"])
DEVICE = "5EC0DE01.LOCK0001"
HEX_SCENARIO = """
[[do]]
hex = "00f0ff013FA00000"
"""
OTA_SCENARIO = """
[device]
soft_ver = "1.0.0"
reboot = "100ms"
[[on]]
ota = "succeed"
"""


class Way:
    def __init__(self, machine, folder):
        self.machine = machine
        self.folder = folder
        self.engine = Engine(machine, folder)
        self.compose = Compose(self.engine, folder / "xgate")
        self.blocks = page.blocks()
        self.began = time.monotonic()

    def step(self, what):
        seconds = int(time.monotonic() - self.began)
        print(f"[{seconds // 60}:{seconds % 60:02}] {what}", flush=True)

    def page(self, heading, answers=()):
        """The next block under this heading."""
        return self.compose.block(self.blocks[heading].pop(0), answers)

    def again(self, heading, number=0):
        return self.compose.block(page.blocks()[heading][number])

    def xgate(self, *argv, **options):
        """In the service's container."""
        return self.compose("exec", "-T", "service", "xgate", *argv, **options)

    def own_xgate(self, *argv):
        """The machine's own program, which stands outside."""
        return ["env", "XGATE_URL=http://127.0.0.1:8080", f"XGATE_TOKEN_FILE={self.compose.folder}/admin.token",
                BUILD / "bin/xgate", *argv]

    def simulate(self, device, scenario, *options):
        path = self.folder / "scenario.toml"
        path.write_text(scenario, encoding="utf-8")
        return self.own_xgate("simulate", device, "--scenario", path, "--timeout-ms", "20000", *options)

    # ---- what is looked at -----------------------------------------------------------------------

    def prepare_images(self):
        self.step("an engine of its own, and its images")
        self.engine.start()
        self.engine.import_debian("bookworm", "debian:12-slim")
        self.engine.build_database("postgres:15")
        if (own := platform.freedesktop_os_release()["VERSION_CODENAME"]) != "bookworm":
            self.engine.import_debian(own, "debian:12-slim")  # for this package was built on it
        self.engine.build_package(BUILD, "xgate-package")
        self.compose.set(XGATE_PACKAGE_IMAGE="xgate-package", XGATE_BIND="0.0.0.0", XGATE_DOWNLOAD_PORT="9081",
                         XGATE_HOST="127.0.0.1", XGATE_LOGIN_LONGEST_BACKOFF="7", XGATE_MESSAGES_RETENTION_DAYS="45")

    def start(self):
        self.step("the first start")
        self.page("Start")
        self.compose.wait_healthy()
        for name, log in self.engine_logs():
            assert "error" not in log.lower().replace("log_type error", ""), (name, log)

    def print_health(self):
        for container in self.engine.run("docker", "ps", "--all", "--quiet", check=False).stdout.split():
            print(self.engine.run("docker", "inspect", "--format", "{{.Name}} {{json .State.Health}}", container,
                                  check=False).stdout)

    def engine_logs(self):
        return [(name, self.compose.log(name)) for name in ("prepare", "roles", "migrate", "broker", "service")]

    def encrypted_device_goes_the_whole_way(self):
        self.step("an encrypted device, from within")
        said = self.page("Start")
        assert DEVICE.split(".")[1] in said and "SUCCESS" in said, said

    def hex_script(self):
        self.step("a HEX script through standard input, and a device outside")
        self.page("Start")
        self.page("Start")
        self.machine.run(self.simulate("AA30C505.HEX00001", HEX_SCENARIO))
        shown = self.xgate("properties", "AA30C505.HEX00001")
        assert "-3841" in shown, shown

    def upgrade_of_a_device(self):
        self.step("an upgrade over the download port, the only one that was set")
        image = self.folder / "lock.bin"
        image.write_bytes(os.urandom(300_000))
        self.compose.block("docker compose exec -T service xgate firmware add 5EC0DE01 - --name lock.bin --version 1.1.0 "
                           f"<{image}")
        simulator = self.machine.popen(self.simulate("5EC0DE01.LOCK0002", OTA_SCENARIO), stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        try:
            wait_until(lambda: "1.0.0" in self.xgate("device", "show", "5EC0DE01.LOCK0002", check=False).stdout,
                       "the device to report its version")
            self.xgate("upgrade", "start", "5EC0DE01", "--version", "1.1.0", "--devices", "5EC0DE01.LOCK0002")
            self.xgate("send", "5EC0DE01.LOCK0002", "firmware-ask", "--wait", "30s")
            wait_until(lambda: "1.1.0" in self.xgate("device", "show", "5EC0DE01.LOCK0002"), "the new version", 60)
        finally:
            simulator.kill()

    def the_api_is_told_apart(self):
        self.step("only MQTT and downloads are open to others")
        ports = self.compose.container("service")["NetworkSettings"]["Ports"]
        assert {one["HostIp"] for one in ports["8080/tcp"]} == {"127.0.0.1"}, ports
        assert {one["HostIp"] for one in ports["8081/tcp"]} == {"0.0.0.0"}, ports

    def containers_are_shut(self):
        self.step("rights, file systems, logs, open files, settings")
        for name in ("prepare", "database", "roles", "migrate", "broker", "service"):
            host = self.compose.container(name)["HostConfig"]
            assert host["CapDrop"] == ["ALL"] and host["ReadonlyRootfs"], (name, host)
            assert host["LogConfig"]["Config"]["max-size"] == "10m", (name, host["LogConfig"])
        for name in ("broker", "service"):
            limits = self.compose("exec", "-T", name, "cat", "/proc/1/limits")
            soft, hard = re.search(r"Max open files +(\d+) +(\d+)", limits).groups()
            assert soft == hard or int(soft) == 1048576, limits
        conf = self.compose("exec", "-T", "broker", "cat", "/run/xgate/mosquitto.conf")
        assert "plugin_opt_login_longest_backoff 7\n" in conf, conf
        environment = self.compose.container("service")["Config"]["Env"]
        assert "XGATE_MESSAGES_RETENTION_DAYS=45" in environment, environment

    def roles_are_kept_apart(self):
        self.step("who may do what in the database, and read whose password")
        own = {"broker": "database_plugin_password", "service": "database_service_password"}
        for name, readable in own.items():
            for secret in ("database_password", "database_owner_password", *own.values()):
                done = self.compose("exec", "-T", name, "cat", f"/run/secrets/{secret}", check=False)
                assert (done.returncode == 0) == (secret == readable), (name, secret, done.stdout)
        for statement in ("INSERT INTO api_token (name, token_sha256) VALUES ('x', sha256('x'))", "UPDATE device SET enabled = true",
                          "SELECT payload FROM message", "COPY (SELECT 1) TO PROGRAM 'id'"):
            done = self.compose("exec", "-T", "database", "psql", "--username", "xgate_plugin", "xgate", "-c", statement, check=False)
            assert done.returncode and ("permission denied" in done.stdout or "must be superuser" in done.stdout), done.stdout
        used = self.compose("exec", "-T", "database", "psql", "--username", "xgate", "xgate", "-Atc",
                            "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'xgate' AND pid <> pg_backend_pid() ORDER BY 1")
        assert used.split() == ["xgate_plugin", "xgate_service"], used

    def health_is_the_loop(self):
        self.step("a broker's health is that its loop turns, and costs no line of its log")
        before = self.compose.container("broker")["State"]["Health"]["Log"]
        lines = self.compose.log("broker")
        wait_until(lambda: self.compose.container("broker")["State"]["Health"]["Log"][-1]["Start"] > before[-1]["End"],
                   "another health check")
        since = self.compose.log("broker")[len(lines):]
        assert "New connection" not in since, since  # the last device may end its own meanwhile
        self.compose.kill_from_outside("broker", signal.SIGSTOP)
        wait_until(lambda: self.compose("exec", "-T", "broker", "/usr/share/xgate/start", "is-alive",
                                        check=False).returncode, "a broker that hangs to be noticed", 30)
        self.compose.kill_from_outside("broker", signal.SIGCONT)
        wait_until(lambda: not self.compose("exec", "-T", "broker", "/usr/share/xgate/start", "is-alive",
                                            check=False).returncode, "the broker to go on", 30)

    def images_say_what_is_wrong(self):
        self.step("images by hand")
        assert re.search(r"^xgate \d", self.engine.run("docker", "run", "--rm", "xgate-service", "version"))
        for image in ("xgate-service", "xgate-broker"):
            run = self.engine.run("docker", "run", "--rm", image, check=False)
            assert run.returncode == 1 and run.stdout.startswith("xgate container: the secret /run/secrets/"), run
            labels = self.engine.run("docker", "inspect", "--format", "{{json .Config.Labels}}", image)
            assert "org.opencontainers.image.title" in labels, labels

    def operators_account(self):
        self.step("an operator's account outlives its container")
        self.page("Operators' accounts", answers=[("Password:", "0perator-pw"), ("Reenter password:", "0perator-pw")])
        assert self.operator_logs_in().returncode, "an account of this machine, which comes through the gateway"
        assert "a service account may not log in from this address" in self.compose.log("broker")
        self.compose.set(XGATE_ACCOUNTS_FROM="127.0.0.0/8 172.16.0.0/12")
        self.compose("up", "-d")
        self.compose.wait_healthy("broker", "service")
        self.operator_may_log_in()
        self.compose("up", "-d", "--force-recreate", "broker")
        self.compose.wait_healthy("broker", "service")
        self.operator_may_log_in()

    def operator_logs_in(self):
        (self.folder / "mosquitto_pub").write_text("-u operator\n-P 0perator-pw\n", encoding="utf-8")
        return self.machine.run(["mosquitto_pub", "-i", "operator-test", "-q", "1", "-t", "/sys/7ED01E2A/x", "-m", "x"],
                                env={"XDG_CONFIG_HOME": str(self.folder)}, check=False)

    def operator_may_log_in(self):
        wait_until(lambda: not self.operator_logs_in().returncode, "the operator's login", 20)

    def kills(self):
        self.step("kill -9 of every part")
        for name in ("broker", "service", "database"):
            self.compose.kill_from_outside(name)
            wait_until(lambda n=name: self.compose.container(n)["RestartCount"] > 0, f"{name} to be started again")
            self.compose.wait_healthy()
        self.device_gets_answers()

    def device_gets_answers(self):
        said = self.xgate("simulate", DEVICE, "--count", "1", timeout=120)
        assert "SUCCESS" in said, said

    def restart(self):
        self.step("restart of all")
        self.compose("restart")
        self.compose.wait_healthy()
        wait_until(lambda: self.compose.container("migrate")["State"]["Status"] == "exited", "migrate to end")
        assert self.compose.container("migrate")["State"]["ExitCode"] == 0, self.compose.log("migrate")

    def down_and_up(self):
        self.step("down, and up by Compose v2 on the same volumes, of which one belongs to another image's user")
        self.compose("down")
        assert len(self.engine.run("docker", "volume", "ls", "--quiet").split()) == 4
        self.engine.run("docker", "run", "--rm", "--user", "0", "--entrypoint", "chown", "--volume",
                        "xgate_broker:/v", "xgate-broker", "-R", "101:101", "/v")
        fetch_v2(self.engine)
        self.step(f"Compose {self.compose.use(2)}")
        self.again("Start")
        self.compose.wait_healthy()
        self.operator_may_log_in()
        self.device_gets_answers()
        assert len(self.engine.run("docker", "volume", "ls", "--quiet").split()) == 4

    def tls(self):
        self.step("TLS, renewed in place")
        folder = self.compose.folder / "var/tls"
        folder.mkdir(parents=True)
        self.make_certificate(folder)
        self.compose.set(COMPOSE_FILE="docker-compose.yml:docker-compose.tls.yml")
        self.page("TLS")
        self.compose.wait_healthy()
        first = self.certificate_shown()
        self.make_certificate(folder)
        self.page("TLS")
        wait_until(lambda: self.certificate_shown() not in ("", first), "the new certificate", 20)
        self.machine.run(self.own_xgate("simulate", DEVICE, "--tls", "--port", "8883", "--ca-file", folder / "server.crt",
                                        "--host", "localhost", "--count", "1"))

    def make_certificate(self, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "new.key",
                        "-out", folder / "new.crt"], check=True, capture_output=True)
        os.chmod(folder / "new.key", 0o400)
        os.chown(folder / "new.key", 1883, 1883)
        for name in ("key", "crt"):
            os.replace(folder / f"new.{name}", folder / f"server.{name}")

    def certificate_shown(self):
        shown = self.machine.run(["openssl", "s_client", "-connect", "127.0.0.1:8883"], check=False, stdin="")
        match = re.search(r"-----BEGIN.*?END CERTIFICATE", shown.stdout, re.DOTALL)
        return match[0] if match else ""

    def backup_and_restore(self):
        self.step("backup; everything is lost; restore")
        self.page("Backup")
        before = self.xgate("messages", DEVICE, "--json")
        self.compose("down", "-v")
        self.compose.block(self.blocks["Restore"].pop(0))
        self.compose.wait_healthy()
        assert self.xgate("messages", DEVICE, "--json") == before
        assert "lock.bin" in self.xgate("firmware", "list", "5EC0DE01", "--json")
        self.xgate("device", "reset", DEVICE)
        self.device_gets_answers()

    def upgrade(self):
        self.step("other images take over")
        before = self.compose.container("broker")["Image"]
        self.compose.set(XGATE_VERSION="next")
        self.page("Upgrade")
        self.compose.wait_healthy()
        assert self.compose.container("broker")["Image"] != before
        self.device_gets_answers()

    def wrong_settings_are_named(self):
        self.step("a wrong setting")
        self.compose.set(XGATE_MESSAGES_RETENTION_DAYS="ninety")
        self.compose("up", "-d", check=False)
        wait_until(lambda: "XGATE_MESSAGES_RETENTION_DAYS in the environment must be a whole number"
                   in self.compose.log("service"), "the sentence", 30)

    def stop(self):
        self.step("stop")
        self.page("Stop")
        assert self.engine.run("docker", "ps", "--quiet", "--all") == ""
        assert not any(self.blocks.values()), f"these blocks of the page were not run: {self.blocks}"

    def go(self):
        self.prepare_images()
        version = self.compose.use(1) if pathlib.Path("/usr/bin/docker-compose").exists() else self.compose.use(2)
        self.step(f"Compose {version}")
        self.start()
        self.encrypted_device_goes_the_whole_way()
        self.hex_script()
        self.upgrade_of_a_device()
        self.the_api_is_told_apart()
        self.containers_are_shut()
        self.roles_are_kept_apart()
        self.health_is_the_loop()
        self.images_say_what_is_wrong()
        self.operators_account()
        self.kills()
        self.restart()
        self.down_and_up()
        self.tls()
        self.backup_and_restore()
        self.upgrade()
        self.wrong_settings_are_named()
        self.stop()
        self.step("done")


def main():
    try:
        check_fitness()
    except Unfit as unfit:
        print(f"the containers are left out: {unfit}")
        return 77
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="xgate-containers-") as name:
        folder = pathlib.Path(name)
        with Machine(folder) as machine:
            way = Way(machine, folder)
            try:
                way.go()
            except Exception:
                way.print_health()
                for service in ("prepare", "roles", "migrate", "database", "broker", "service"):
                    print(f"---- {service}\n{way.compose('logs', '--no-color', '--tail=40', service, check=False).stdout}")
                raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
