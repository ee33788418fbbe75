# SPDX-License-Identifier: Apache-2.0
import atexit
import itertools
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

from . import builds, logs, mqtt_client
from .broker import OPERATOR_PASSWORD, OPERATOR_USER, SERVICE_PASSWORD, Broker
from .database_proxy import DatabaseProxy
from .device import Device, Product
from .mqtt_client import MQTT5, Client
from .postgres import PASSWORD, Database, own_cluster, shared_cluster
from .processes import tail
from .service import Service
from .waiting import seconds, wait_until


class Stand:
    """Everything that one test needs; its members are the real parts."""

    def __init__(self, database="shared", broker=True, service=True, settings="", log_level="debug",
                 log_format="text", clock_skew=60, broker_extra="", broker_options=(), database_proxy=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xgate-test-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)  # also when the rest of this fails
        self.secrets = {PASSWORD: "database password", SERVICE_PASSWORD: "service's MQTT password",
                        OPERATOR_PASSWORD: "operator's MQTT password"}
        self._numbers = itertools.count(1)
        self._vendor = None
        self.cluster = shared_cluster() if database == "shared" else own_cluster()
        self.database = Database(self.cluster, f"test_{os.getpid()}_{random.randrange(1 << 32):08x}")
        self.broker = Broker(self.folder, self.database.plugin_conninfo, clock_skew, broker_extra, broker_options)
        self.proxy = DatabaseProxy(self.cluster) if database_proxy else None  # the service's way to the database
        conninfo = self.proxy.conninfo(self.database) if database_proxy else self.database.conninfo
        self.service = Service(self.folder, conninfo, self.broker.port, settings, log_level,
                               log_format, self.cluster.durable)
        self._with_broker, self._with_service = broker, service
        self._parts = [self.service, self.broker]  # as they end

    def start(self):
        if self._with_broker:
            self.broker.start()
        if self._with_service:
            self.start_service()

    def start_service(self):
        self.service.start()
        self.keep_secret(self.service.token, "API token")

    def another_broker(self, broker_id, options=()):
        """One more broker with the plugin, on the same database; not started yet."""
        broker = Broker(self._folder_of(broker_id), self.database.plugin_conninfo, options=options, broker_id=broker_id)
        self._parts.append(broker)
        return broker

    def another_service(self, name, broker=None):
        """One more service on the same database, at the same broker or another; not started yet."""
        broker = broker or self.broker
        service = Service(self._folder_of(name), self.database.conninfo, broker.port, durable=self.cluster.durable,
                          broker_id=broker.id)
        service.token_file = self.service.token_file  # the database has one token, which the first one wrote
        self._parts.insert(0, service)
        return service

    def _folder_of(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def keep_secret(self, secret, name):
        """Asserted at the end of the test to stand in no log."""
        self.secrets[secret] = name

    # -- who exists
    def vendor(self, **description):
        answer = self.service.api("POST", "/vendors", {"name": "Test Vendor", **description})
        return answer["open_id"]

    def product(self, auth_type=1, encrypted=False, kind="transparent", **description):
        if "open_id" not in description:
            self._vendor = self._vendor or self.vendor()
            description["open_id"] = self._vendor
        answer = self.service.api("POST", "/products?reveal=true", {
            "name": f"Product {next(self._numbers)}", "auth_type": auth_type, "kind": kind,
            "encrypted": encrypted, **description})
        self.keep_secret(answer["product_key"], f"ProductKey of {answer['product_id']}")
        return Product(answer)

    def change_product(self, product, **changes):
        self.service.api("PATCH", f"/products/{product.product_id}", changes)

    def device(self, product=None, node_eui=None, device_secret=None, registered=None):
        """A device, pre-registered unless it is of a type-0 product."""
        product = product or self.product()
        device = Device(self, product, node_eui or f"dev{next(self._numbers):05d}", device_secret)
        if registered is None:
            registered = product.auth_type != 0
        if registered:
            body = {"node_eui": device.node_eui}
            if device_secret:
                body["device_secret"] = device_secret
            answer = self.service.api("POST", f"/products/{product.product_id}/devices?reveal=true", body)
            device.device_secret = answer["device_secret"]
            self.keep_secret(device.device_secret, f"DeviceSecret of {device.name}")
        return device

    def act(self, device, verb):
        """enable, disable, reset"""
        answer = self.service.api("POST", f"/devices/{device.name}/{verb}")
        return answer

    # -- who else talks
    def operator(self, *filters, **options):
        """A service account of the test's own: sees what the broker really let through."""
        client = Client(self.broker.port, f"operator-{next(self._numbers)}", OPERATOR_USER, OPERATOR_PASSWORD,
                        version=MQTT5, **options).connect()
        if filters:
            client.must_subscribe(*filters)
        return client

    def refused(self, requirement, what="login", **fields):
        """Waits until a refusal with these fields is on record; the newest such one."""
        def recorded():
            for item in self.service.items("/refusals", limit=200):
                if (item["requirement"], item["what"]) == (requirement, what) and \
                        all(item[name] == value for name, value in fields.items()):
                    return item
            return None
        return wait_until(recorded, f"a refused {what} on record with {requirement} {fields}", every=0.05)

    def xgate(self, *arguments, stdin=None, ok=True, **environment):
        """The command line against this service."""
        run = subprocess.run([builds.XGATE, *arguments], input=stdin, capture_output=True, text=True,
                             timeout=seconds(60), env={**builds.xgate_environment(), "XGATE_URL": self.service.url,
                                                       "XGATE_TOKEN_FILE": str(self.service.token_file), **environment})
        if ok:
            assert run.returncode == 0, f"xgate {' '.join(arguments)}: {run.returncode} {run.stdout}{run.stderr}"
        return run

    # -- the end
    def log_files(self):
        return {str(path.relative_to(self.folder)): path.read_bytes().decode("utf-8", "replace")
                for path in self.folder.rglob("*.log")}

    def print_tails(self):
        for name, text in self.log_files().items():
            print(f"---- end of {name}\n{tail(text)}", file=sys.stderr)

    def stop(self):
        """Stops all parts in an orderly way and judges their exit status and logs."""
        mqtt_client.close_all()
        faults = []
        for part in self._parts:
            if part.process and part.process.running():
                status = part.stop()
                if status != 0:
                    faults.append(f"{part.process.name} ended with {status}")
        for name, text in self.log_files().items():
            report = logs.find_sanitizer_report(text)
            if report:
                faults.append(f"{name}: {report}")
            faults += [f"{name} holds a secret: the {what}" for what in logs.find_secrets(text, self.secrets)]
        assert not faults, "\n".join(faults)

    def remove(self):
        mqtt_client.close_all()
        for part in self._parts:
            if part.process:
                part.process.kill()
        if self.proxy:
            self.proxy.close()
        try:
            if self.cluster.answers():
                self.database.drop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def _end_on(number, _frame):
    # ends by way of `finally` and atexit, so that nothing is left running
    raise SystemExit(f"ended by signal {number}")


def _guard():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, _end_on)
    # a little before ctest's own TIMEOUT, so that the logs are seen
    signal.alarm(int(os.environ.get("XGATE_TEST_TIMEOUT", "120")))


def run(behaviour, **parts):
    """The main program of a test: stands the parts up, shows the behaviour, tears all down."""
    _guard()
    stand = None
    try:
        stand = Stand(**parts)
        stand.start()
        behaviour(stand)
        stand.stop()
    except BaseException:
        traceback.print_exc()
        if stand:
            stand.print_tails()
        sys.exit(1)
    finally:
        if stand:
            stand.remove()
    print(f"{behaviour.__name__}: as required")


def run_program(behaviour, make):
    """The main program of a test about a program that brings all parts itself."""
    _guard()
    subject = make()
    try:
        behaviour(subject)
    except BaseException:
        traceback.print_exc()
        print(tail(subject.process.log()) if subject.process else "not started", file=sys.stderr)
        sys.exit(1)
    finally:
        subject.remove()
    print(f"{behaviour.__name__}: as required")
