# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml in a folder as its users have it, by either generation of Compose."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from engine import SOURCE
from terminal import run_on_terminal

_SHIPPED = ("docker-compose.yml", "docker-compose.tls.yml", ".env.example", ".dockerignore")


def wait_until(condition, what, limit=90):
    deadline = time.monotonic() + limit
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit} s for {what}")
        time.sleep(0.25)


def fetch_v2(engine):
    """Compose v2 as Debian 13 packages it, where this Debian has the older one: a plugin of the docker command."""
    plugins = pathlib.Path(engine.env["DOCKER_CONFIG"]) / "cli-plugins"
    installed = pathlib.Path("/usr/libexec/docker/cli-plugins/docker-compose")
    if installed.exists():
        return
    folder = engine.folder / "apt"
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "archives/partial").mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(
        f"deb {os.environ.get('XGATE_DEBIAN_MIRROR', 'http://deb.debian.org')}/debian trixie main\n", encoding="utf-8")
    apt = ["apt-get", "-q", f"-oDir::State={folder}", f"-oDir::State::status={folder}/status", f"-oDir::Cache={folder}",
           f"-oDir::Etc::SourceList={folder}/sources.list", "-oDir::Etc::SourceParts=/dev/null",
           "-oAcquire::Languages=none", "-oAPT::Sandbox::User=root"]
    subprocess.run([*apt, "update"], check=True, stdout=subprocess.PIPE)
    subprocess.run([*apt, "download", "docker-compose"], check=True, stdout=subprocess.PIPE, cwd=folder)
    package = next(folder.glob("docker-compose_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, folder / "unpacked"], check=True)
    plugins.mkdir()
    shutil.copy(folder / "unpacked" / str(installed).lstrip("/"), plugins / "docker-compose")


class Compose:
    def __init__(self, engine, folder):
        self.engine = engine
        self.folder = pathlib.Path(folder)
        self.words = ["docker-compose"]
        self.folder.mkdir()
        for name in _SHIPPED:
            shutil.copy(SOURCE / name, self.folder / name)
        for name in ("deploy", "docs/examples"):
            shutil.copytree(SOURCE / name, self.folder / name)

    def use(self, generation):
        self.words = {1: ["docker-compose"], 2: ["docker", "compose"]}[generation]
        return self("version", "--short").strip()

    def set(self, **variables):
        """Lines of .env; the later ones count."""
        with (self.folder / ".env").open("a", encoding="utf-8") as file:
            for name, value in variables.items():
                file.write(f"{name}={value}\n")

    def __call__(self, *argv, **options):
        return self.engine.run("env", "-C", self.folder, *self.words, *argv, **{"timeout": 300, **options})

    def block(self, text, answers=()):
        """A block of the page as it stands, on a terminal."""
        print(re.sub("^", "    $ ", text.strip(), flags=re.MULTILINE), flush=True)
        text = text.replace("docker compose", " ".join(self.words))
        status, said = run_on_terminal(
            self.engine.machine.command(["env", "-C", self.folder, "bash", "-euo", "pipefail", "-c", text]), answers,
            timeout=400, env={**os.environ, **self.engine.env, "TERM": "xterm",
                              "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        assert status == 0, f"status {status}:\n{text}\n{said[-6000:]}"
        return said

    def container(self, service):
        """What the engine knows of it."""
        found = self.engine.run("docker", "ps", "--all", "--quiet", "--filter",
                                f"label=com.docker.compose.service={service}").split()
        assert len(found) == 1, (service, found)
        return json.loads(self.engine.run("docker", "inspect", found[0]))[0]

    def wait_healthy(self, *services):
        for service in services or ("database", "broker", "service"):
            wait_until(lambda s=service: self.container(s)["State"].get("Health", {}).get("Status") == "healthy",
                       f"{service} to be healthy")

    def kill_from_outside(self, service, sig=signal.SIGKILL):
        """As the machine's memory killer would: the engine has asked for nothing."""
        self.engine.machine.run(["kill", f"-{int(sig)}", self.container(service)["State"]["Pid"]])

    def log(self, service):
        return self("logs", "--no-color", service)
