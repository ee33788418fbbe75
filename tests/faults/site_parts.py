# SPDX-License-Identifier: Apache-2.0
"""A whole platform that is there to be broken: broker, service, and a durable PostgreSQL on a disk of its own."""
import os
import pathlib
import signal
import subprocess

from stand import builds, thing_model
from stand.broker import Broker
from stand.clock import Clock
from stand.device import Product
from stand.hex_product import DEMO, MODEL
from stand.ports import is_listening
from stand.postgres import Cluster, Database, _as_postgres, _binaries
from stand.processes import Process
from stand.service import Service
from stand.waiting import wait_until

import network
from devices import device_secret

_DISK_MB = 8192  # sparse


class Disk:
    """A file system of its own for the database, where root may mount one: it can be filled without harm."""

    def __init__(self, folder):
        self.folder = folder / "disk"
        self.folder.mkdir()
        if self.possible() and not self._mount(folder / "disk.image"):
            raise RuntimeError("a file system in a file cannot be mounted here, although root may mount")
        self._ballast = self.folder / "ballast"

    @staticmethod
    def possible():
        return bool(os.environ.get("XGATE_FAULTS_PRIVATE")) and os.path.exists("/dev/loop-control")

    def _mount(self, image):
        with open(image, "wb") as file:
            file.truncate(_DISK_MB << 20)
        made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], capture_output=True)
        return made.returncode == 0 and subprocess.run(["mount", "-o", "loop", str(image), str(self.folder)],
                                                       capture_output=True).returncode == 0

    def fill(self):
        """To the last block."""
        free = os.statvfs(self.folder)
        size = free.f_bavail * free.f_frsize
        with open(self._ballast, "wb") as file:
            while size >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
                except OSError:
                    size //= 2

    def clear(self):
        self._ballast.unlink(missing_ok=True)

    def end(self):
        if self.possible():
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True)


class SiteCluster(Cluster):
    def kill_one(self, dice):
        """kill -9 of a single backend: the server then ends all others and recovers by itself."""
        _kill(dice.choice(self.backends()))

    def backends(self):
        return [pid for pid in self._processes()[1:]
                if b"postgres: xgate" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]

    def end_backends(self):
        """As an administrator would, without a connection."""
        for pid in self.backends():
            os.kill(pid, signal.SIGTERM)

    def stop_immediate(self):
        subprocess.run(_as_postgres([str(_binaries() / "pg_ctl"), "stop", "-m", "immediate", "-D", str(self.data)]),
                       check=True, capture_output=True, cwd="/")
        self.process.wait(30)

    def end(self):
        if self.process and self.process.running():
            self.process.stop(signal.SIGQUIT, 60)


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class SiteBroker(Broker):
    def __init__(self, folder, conninfo, way, clock):
        super().__init__(folder, conninfo, options=["--accounts-from", f"127.0.0.1 {network.NEAR}"])
        self._way, self._clock = way, clock
        text = self.configuration.read_text(encoding="utf-8")
        address, port = way.broker_binds
        text = text.replace(f"listener {self.port} 127.0.0.1", f"listener {port} {address}")
        self.configuration.write_text(text, encoding="utf-8")

    def start(self, wait_ready=True):
        environment = self._clock.environment(builds.broker_environment())
        self.process = Process("mosquitto", self._way.enter([builds.find_mosquitto(), "-c", str(self.configuration)]),
                               self.log_path, env=environment)
        if wait_ready:
            self.wait_ready()

    def wait_ready(self):
        if self._way.packets:
            # no try from here: a connection that is opened and closed counts as a client of the broker's
            self.process.wait_ready(lambda: self._listens(self.process.pid), "Mosquitto listens")
        else:
            self.process.wait_ready(lambda: is_listening(self._way.broker_binds[1]), "Mosquitto listens")

    def _listens(self, pid):
        port = f":{self._way.broker_binds[1]:04X} "
        try:
            lines = pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()
        except OSError:
            return False
        return any(port in line and line.split()[3] == "0A" for line in lines)


class SiteService(Service):
    def __init__(self, folder, conninfo, way, clock):
        host, port = way.address
        super().__init__(folder, conninfo, port, "[commands]\nttl_s = 600\n", "info")
        self.clock = clock
        text = self.configuration.read_text(encoding="utf-8")
        self.configuration.write_text(text.replace('host = "127.0.0.1"', f'host = "{host}"'), encoding="utf-8")


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.way = network.make(folder)
        self.disk = Disk(folder)
        self.clocks = {name: Clock(folder, name) for name in ("broker", "service", "database")}
        (self.disk.folder / "postgres").mkdir()
        self.cluster = SiteCluster(self.disk.folder / "postgres", durable=True)
        self.cluster.prepare()
        self.database = Database(self.cluster, "campaign")
        self.broker = SiteBroker(folder, self.database.plugin_conninfo, self.way, self.clocks["broker"])
        self.service = SiteService(folder, self.database.conninfo, self.way, self.clocks["service"])
        self.plain = self.hexadecimal = self.bulk = None

    def start(self):
        self.broker.start()
        self.service.start()
        self.hexadecimal = self._product("hexadecimal", "hex")
        thing_model.put_model(self, self.hexadecimal, MODEL)
        answer = self.service.request("PUT", f"/api/v1/products/{self.hexadecimal.product_id}/script", DEMO,
                                      content_type="text/javascript")
        assert answer.status == 201, answer
        self.plain, self.bulk = self._product("plain", "transparent"), self._product("bulk", "transparent")

    def _product(self, name, kind):
        vendor = self.service.api("POST", "/vendors", {"name": f"vendor of {name}"})
        return Product(self.service.api("POST", "/products?reveal=true", {
            "open_id": vendor["open_id"], "name": name, "auth_type": 0, "kind": kind}))

    def register(self, devices):
        for product in {device.product for device in devices}:
            self.register_names(product, [device.name for device in devices if device.product is product])

    def register_names(self, product, names):
        rows = ", ".join(f"('{product.product_id}', '{name}', '{device_secret(product.product_id, name)}')"
                         for name in names)
        self.sql(f"INSERT INTO device (product_id, node_eui, device_secret) VALUES {rows} ON CONFLICT DO NOTHING")

    def sql(self, statement):
        return self.database.sql("SET default_transaction_read_only = off; " + statement)

    def parts(self):
        return (self.service, self.broker)

    def freeze(self, part):
        os.kill(part.process.pid, signal.SIGSTOP)

    def thaw(self, part):
        os.kill(part.process.pid, signal.SIGCONT)

    def end(self):
        for part in self.parts():
            if part.process:
                part.process.kill()
        self.cluster.end()
        self.way.end()
        self.disk.end()

    def wait_answers(self):
        wait_until(self.cluster.answers, "PostgreSQL answers", 60)
