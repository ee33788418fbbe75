# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL clusters of our own on a Unix socket, never root's."""
import atexit
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

from . import builds
from .processes import Process
from .waiting import wait_until

ADMIN = "postgres"  # the superuser: the test's own hand. The parts have roles of their own, as at a site
OWNER, SERVICE_ROLE, PLUGIN_ROLE = "xgate_owner", "xgate_service", "xgate_plugin"
# Trusted by the socket, yet named in every conninfo: it must not turn up in any log.
PASSWORD = "Pg-5ecret-0f-the-tests"
TEMPLATE = "xgate_template"
_PORT = 5432


def _binaries():
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                      key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed")
    return versions[-1].parent  # not /usr/bin: Debian's wrappers there cost 100 ms a call


def _as_postgres(argv):
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return argv
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=KILL",
            "--"] + argv


def _give_to_postgres(path):
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)


def _lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Cluster:
    def __init__(self, folder=None, durable=True):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="xgate-pg-"))
        os.chmod(self.folder, 0o755)
        _give_to_postgres(self.folder)
        self.durable = durable
        self.addresses = ""  # where it listens besides its socket
        self.prefix = []  # what starts the server, where a test has reasons
        self.process = None
        if folder is None:
            atexit.register(self.remove)

    @property
    def data(self):
        return self.folder / "data"

    @property
    def pristine(self):
        """A stopped cluster with the migrated template, to copy from."""
        return self.folder / "pristine"

    def initialise(self):
        run = subprocess.run(
            _as_postgres([str(_binaries() / "initdb"), "--no-sync", "--auth=trust", f"--username={ADMIN}",
                          "--no-locale", "--encoding=UTF8", "-D", str(self.data)]),
            capture_output=True, text=True, cwd="/")
        if run.returncode:
            raise RuntimeError(f"initdb: {run.stderr}")

    def copy_of(self, other):
        subprocess.run(["cp", "-a", str(other), str(self.data)], check=True)

    def start(self):
        options = ["-c", f"listen_addresses={self.addresses}", "-c", f"unix_socket_directories={self.folder}",
                   "-c", f"port={_PORT}", "-c", "max_connections=200", "-c", "log_min_messages=warning",
                   "-c", "shared_buffers=64MB", "-c", "dynamic_shared_memory_type=mmap",
                   "-c", f"fsync={'on' if self.durable else 'off'}",
                   "-c", f"full_page_writes={'on' if self.durable else 'off'}"]
        self.process = Process("postgres",
                               _as_postgres(self.prefix + [str(_binaries() / "postgres"), "-D", str(self.data)] + options),
                               self.folder / "postgres.log", cwd="/")
        self.process.wait_ready(self.answers, "PostgreSQL answers", 60)

    def answers(self):
        # like everything here, not through a connection pool: each call is a new connection
        return subprocess.run([str(_binaries() / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(_PORT)],
                              check=False).returncode == 0

    def stop(self):
        """Fast shutdown: every connection is ended."""
        self.process.stop(signal.SIGINT, 60)

    def kill(self):
        """-9 for every one of its processes: they have sessions of their own, and while one of them is left to notice
        that the server is gone, the next server refuses to start."""
        self.process.send_signal(signal.SIGSTOP)  # it makes no others
        children = self._processes()[1:]
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        wait_until(lambda: not any(map(_lives, children)), "PostgreSQL is gone")

    def freeze(self):
        """Everybody's connection stays open, and nobody gets an answer."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self):
        """The server first: while it stands still it makes no others."""
        server = int((self.data / "postmaster.pid").read_text().split()[0])
        return [server] + [int(child) for child in
                           pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split()]

    def remove(self):
        if self.process and self.process.running():
            self.process.stop(signal.SIGQUIT, 60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self):
        """From nothing to running with a migrated template, and a copy of both at `pristine`."""
        self.initialise()
        self.start()
        self.make_template()
        self.stop()
        subprocess.run(["cp", "-a", str(self.data), str(self.pristine)], check=True)
        self.start()

    def make_template(self):
        self.make_roles(TEMPLATE)
        run = self.migrate(TEMPLATE)
        if run.returncode:
            raise RuntimeError(f"xgate migrate: {run.stdout}{run.stderr}")

    def make_roles(self, database):
        """The database and its three roles, as every installation has them."""
        self.sql((builds.SOURCE / "deploy" / "database-roles.sql").read_text(encoding="utf-8"), "postgres",
                 f"--set=database={database}", "--set=own_cluster=yes")

    def migrate(self, database):
        """As the owner, for the other two."""
        with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as settings:  # mode 0600
            settings.write(f'[database]\nurl = "{self.conninfo(database, SERVICE_ROLE)}"\n'
                           f'migrate_url = "{self.conninfo(database, OWNER)}"\n'
                           f'service_role = "{SERVICE_ROLE}"\nplugin_role = "{PLUGIN_ROLE}"\n')
            settings.flush()
            return subprocess.run([builds.XGATE, "migrate", "--config", settings.name],
                                  capture_output=True, text=True, env=builds.xgate_environment())

    def conninfo(self, database, role):
        return f"host={self.folder} port={_PORT} dbname={database} user={role} password={PASSWORD}"

    def sql(self, statement, database, *options, role=ADMIN):
        run = subprocess.run(
            [str(_binaries() / "psql"), "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder),
             "-p", str(_PORT), "-U", role, "-d", database, *options, "-f", "-"],
            input=statement, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"{statement}: {run.stderr}")
        return [line.split("\x1f") for line in run.stdout.splitlines()]


class Database:
    """One test's database, from the template."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        cluster.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {OWNER}", "postgres")
        cluster.sql(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC", "postgres")  # as migrated: a template does not give that on

    @property
    def conninfo(self):
        """The service's."""
        return self.cluster.conninfo(self.name, SERVICE_ROLE)

    @property
    def plugin_conninfo(self):
        return self.cluster.conninfo(self.name, PLUGIN_ROLE)

    @property
    def admin_conninfo(self):
        return self.cluster.conninfo(self.name, ADMIN)

    def sql(self, statement, role=ADMIN):
        return self.cluster.sql(statement, self.name, role=role)

    def drop(self):
        self.cluster.sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", "postgres")


def shared_cluster():
    """The cluster that ctest's fixture has started, or (a test run by hand) one for this test."""
    file = os.environ.get("XGATE_TEST_POSTGRES")
    if file and os.path.exists(file):
        with open(file, encoding="utf-8") as description:
            cluster = Cluster(json.load(description)["folder"], durable=False)
        if cluster.answers():
            return cluster
    if file:  # ctest has started one: a test that makes its own takes seconds longer
        print("the tests' shared PostgreSQL does not answer: this test makes one of its own", file=sys.stderr)
    cluster = Cluster(durable=False)
    cluster.prepare()
    return cluster


def own_cluster():
    """A durable cluster that the test may stop, start and kill."""
    cluster = Cluster(durable=True)
    cluster.copy_of(shared_cluster().pristine)
    cluster.start()
    return cluster
