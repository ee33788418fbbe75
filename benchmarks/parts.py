# SPDX-License-Identifier: Apache-2.0
"""What is measured: private brokers, databases and services on free ports and in temporary folders, made of the parts
that the system tests stand on, from the release build."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time

from stand import builds, hex_product, thing_model
from stand.broker import Broker
from stand.ports import is_listening
from stand.postgres import Cluster, Database
from stand.processes import Process
from stand.service import Service

LOAD = builds.BUILD / "bin" / "xgate-load"
ECHO = builds.BUILD / "bin" / "xgate-echo"
OPEN_ID = "BE2C0000"
PRODUCT_KEY = "00112233445566778899AABBCCDDEEFF"
# The three kinds beside the plain one, for the comparisons between payloads.
PRODUCTS = {"plain": "BE2C0001", "encrypted": "BE2C0002", "model": "BE2C0003", "hex": "BE2C0004"}
OTHERS = 2000  # devices of each product but the plain one
SEED = secrets.token_hex(16)
NAMES_OF_OTHERS = 10000  # users that the other kinds of broker know: their look-ups do not depend on it

CORES = sorted(os.sched_getaffinity(0))
BROKER_CORE = CORES[0]
LOAD_CORE = CORES[-1]


def pin(pid, core):
    """All threads of the broker, its plugin's loader too. The generator stands for other machines: on its core the loader
    would take time from the measuring, and each process is a scheduling group of its own, so that giving way helps only
    within the broker."""
    if len(CORES) > 1:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(ProcessLookupError):  # one that writes the loader's copy ends by itself
                os.sched_setaffinity(int(thread), {core})


def settle(pid, timeout=60):
    """Until a process has nothing more to do: a broker that has just started reads its directory and saves a copy."""
    def used():
        return sum(int(pathlib.Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])
                   for thread in os.listdir(f"/proc/{pid}/task"))
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        before = used()
        time.sleep(0.5)
        if used() - before < 10_000_000:  # 2 % of a core
            return
    raise RuntimeError("a process that was just started does not come to rest")


def replace(path, what, by):
    text = path.read_text(encoding="utf-8")
    assert what in text, f"{path} has no {what}"
    path.write_text(text.replace(what, by), encoding="utf-8")


def digest(product_id, node):
    return hashlib.sha256(f"{SEED}.{product_id}.{node}".encode()).digest()


class Folder:
    """Everything that a run leaves on disk; gone at its end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="xgate-bench-"))
        os.chmod(self.path, 0o755)

    def make(self, name):
        path = self.path / name
        path.mkdir()
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def start_postgres():
    """fsync and full_page_writes on, as a site has it."""
    cluster = Cluster(durable=True)
    cluster.initialise()
    cluster.start()
    cluster.make_template()
    return cluster


def rule_file(folder, kind, count):
    path = folder / f"rule-{kind}.json"
    path.write_text(json.dumps({"open_id": OPEN_ID, "product_id": PRODUCTS[kind], "product_key": PRODUCT_KEY,
                                "count": count, "seed": SEED}), encoding="utf-8")
    path.chmod(0o600)
    return path


def node(number):
    return f"dev{number:07d}"


class Directory:
    """One database with that many devices."""

    def __init__(self, cluster, devices):
        self.devices = devices
        self.plain = devices - 3 * OTHERS
        self.database = Database(cluster, f"devices_{devices}")
        self.cluster = cluster
        self.fill()

    def fill(self):
        kinds = {"plain": "transparent", "encrypted": "transparent", "model": "json", "hex": "hex"}
        self.database.sql(f"INSERT INTO vendor (open_id, name) VALUES ('{OPEN_ID}', 'benchmarks');" + "".join(
            f"INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind, encrypted) VALUES "
            f"('{PRODUCTS[kind]}', '{OPEN_ID}', '{kind}', '{PRODUCT_KEY}', 1, '{stored}', {kind == 'encrypted'});"
            for kind, stored in kinds.items()))
        copy = self.psql("COPY device (product_id, node_eui, device_secret) FROM STDIN", stdin=subprocess.PIPE)
        with copy.stdin as pipe:
            for kind, product_id in PRODUCTS.items():
                for number in range(self.count(kind)):
                    name = node(number)
                    secret = digest(product_id, name)[:16].hex().upper()
                    pipe.write(f"{product_id}\t{name}\t{secret}\n".encode())
        if copy.wait() != 0:
            raise RuntimeError("COPY of the devices failed")
        self.database.sql(f"""
            INSERT INTO session_key (device_id, session_id, nonce, expires_at)
            SELECT device_id, upper(encode(substr(h, 17, 4), 'hex')),
                   (1 + get_byte(h, 20) % 7) * 16 + get_byte(h, 21) % 10, now() + interval '2 days'
            FROM device, sha256(convert_to('{SEED}.' || product_id || '.' || node_eui, 'UTF8')) AS h
            WHERE product_id = '{PRODUCTS['encrypted']}';
            VACUUM ANALYZE;""")

    def count(self, kind):
        return self.plain if kind == "plain" else OTHERS

    def psql(self, statement, **streams):
        from stand.postgres import ADMIN, _PORT, _binaries  # its own client, not Debian's wrapper
        return subprocess.Popen([str(_binaries() / "psql"), "-X", "-q", "-h", str(self.cluster.folder), "-p",
                                 str(_PORT), "-U", ADMIN, "-d", self.database.name, "-c", statement], **streams)


# Limits of devices are on, and above what the generator makes of each of its few.
LIMITS = ["--messages-per-second", "1000000", "--bytes-per-second", "1000000000", "--logins-per-minute", "1000000",
          "--auth-requests-per-minute", "1000000", "--product-auth-requests-per-second", "1000000",
          "--product-auth-logins-per-second", "1000000"]


class Gate:
    """A broker with the plugin on a directory, pinned to its core."""

    def __init__(self, folder, name, directory, broker_id="local", options=None):
        self.directory, self.broker_id = directory, broker_id
        self.folder = folder.make(name)
        self.broker = Broker(self.folder, directory.database.plugin_conninfo, options=LIMITS if options is None else options)
        replace(self.broker.configuration, "plugin_opt_broker_id local", f"plugin_opt_broker_id {broker_id}")
        self.rules = {kind: rule_file(self.folder, kind, directory.count(kind)) for kind in PRODUCTS}
        self.service = self.echo = None
        self.broker.start()
        pin(self.broker.process.pid, BROKER_CORE)
        settle(self.pid)

    @property
    def port(self):
        return self.broker.port

    @property
    def pid(self):
        return self.broker.process.pid

    def start_service(self, settings=""):
        self.service = Service(self.folder, self.directory.database.conninfo, self.port, settings, "warn")
        replace(self.service.configuration, 'id = "local"', f'id = "{self.broker_id}"')
        self.service.start()

    def give_model_and_script(self):
        self.service.api("PUT", f"/products/{PRODUCTS['model']}/model", thing_model.METER)
        self.service.api("PUT", f"/products/{PRODUCTS['hex']}/model", hex_product.MODEL)
        answer = self.service.request("PUT", f"/api/v1/products/{PRODUCTS['hex']}/script", hex_product.DEMO,
                                      content_type="text/javascript")
        assert answer.status == 201, answer

    def start_echo(self):
        password = self.folder / "echo.password"
        from stand.broker import SERVICE_PASSWORD
        password.write_text(SERVICE_PASSWORD + "\n", encoding="utf-8")
        password.chmod(0o600)
        self.echo = Process("xgate-echo", [str(ECHO), str(self.port), str(password)], self.folder / "echo.log")
        self.echo.wait_ready(lambda: "listening" in self.echo.log(), "the echo listens")

    def watched(self, *names):
        pids = {"broker": lambda: self.pid, "service": lambda: self.service.process.pid,
                "echo": lambda: self.echo.pid, "postgres": lambda: self.directory.cluster.process.pid}
        return [word for name in names for word in ("--watch", f"{name}={pids[name]()}")]

    def load(self, mode, kind, *options):
        return load(mode, "--port", self.port, "--rule", self.rules[kind], *options)

    def stop(self):
        for part in (self.service, self.broker):
            if part and part.process:
                part.process.kill()
        if self.echo:
            self.echo.kill()


class OtherBroker:
    """Mosquitto without the plugin, configured alike in all else: "anonymous", "password_file" or
    "dynamic-security"."""

    def __init__(self, folder, kind, directory):
        self.folder = folder.make(kind)
        made = Broker(self.folder, "host=/nowhere")  # its port, and the one configuration
        self.port = made.port
        text = made.configuration.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith(("plugin", "allow_anonymous"))]
        lines += {"anonymous": self.anonymous, "password_file": self.password_file,
                  "dynamic-security": self.dynamic_security}[kind]()
        made.configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.rule = rule_file(self.folder, "plain", directory.plain if kind == "anonymous" else NAMES_OF_OTHERS)
        self.login = "anonymous" if kind == "anonymous" else "password"
        self.process = Process(kind, [builds.find_mosquitto(), "-c", str(made.configuration)], self.folder / "log")
        self.process.wait_ready(lambda: is_listening(self.port), "Mosquitto listens", 60)
        pin(self.process.pid, BROKER_CORE)

    @property
    def pid(self):
        return self.process.pid

    def users(self):
        """(name, password, salt, PBKDF2-SHA512 of 101 rounds, as mosquitto_passwd makes them)"""
        for number in range(NAMES_OF_OTHERS):
            name = node(number)
            password = digest(PRODUCTS["plain"], name)[:16].hex().upper()
            salt = secrets.token_bytes(12)
            yield name, salt, hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)

    def anonymous(self):
        return ["allow_anonymous true"]

    def password_file(self):
        path = self.folder / "passwords"
        path.write_text("".join(f"{name}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}\n"
                                for name, salt, made in self.users()), encoding="utf-8")
        path.chmod(0o600)
        return ["allow_anonymous false", f"password_file {path}"]

    def dynamic_security(self):
        allowed = {name: True for name in ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")}
        path = self.folder / "dynamic-security.json"
        path.write_text(json.dumps({
            "defaultACLAccess": allowed, "groups": [], "roles": [],
            "clients": [{"username": name, "salt": base64.b64encode(salt).decode(), "iterations": 101,
                         "password": base64.b64encode(made).decode()} for name, salt, made in self.users()]}),
            encoding="utf-8")
        path.chmod(0o600)
        library = next(pathlib.Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
        return ["allow_anonymous false", f"plugin {library}", f"plugin_opt_config_file {path}"]

    def load(self, mode, *options):
        return load(mode, "--port", self.port, "--rule", self.rule, "--login", self.login, "--watch",
                    f"broker={self.pid}", *options)

    def stop(self):
        self.process.kill()


def load(*arguments):
    """One run of the generator, on its own core; its result."""
    argv = [str(LOAD)] + [str(argument) for argument in arguments]
    if len(CORES) > 1:
        argv = ["taskset", "-c", str(LOAD_CORE)] + argv
    made = subprocess.run(argv, capture_output=True, text=True, timeout=180)
    if made.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {made.stdout}{made.stderr}")
    return json.loads(made.stdout)
