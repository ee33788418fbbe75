# SPDX-License-Identifier: Apache-2.0
"""`xgate serve` with its settings, and its HTTP API."""
import http.client
import json
import pathlib
import re
import signal
import ssl
import subprocess
import urllib.parse

from . import builds
from .broker import SERVICE_PASSWORD, SERVICE_USER
from .ports import take_port
from .processes import Process
from .waiting import seconds


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class Service:
    def __init__(self, folder, conninfo, broker_port, settings="", log_level="debug", log_format="text",
                 durable=True, broker_id="local"):
        self.folder = folder / "service"
        self.folder.mkdir()
        self.port, self.download_port = take_port(), take_port()
        self.token_file = self.folder / "admin.token"
        self.configuration = self.folder / "xgate.toml"
        self.log_path = folder / "xgate.log"
        self.process = None
        self.ca_file = None  # of who signed its certificate, where it has one
        self.clock = None  # a Clock of its own, where a test moves it
        self.prefix = []  # what starts it, where a test has reasons
        password_file = self.folder / "broker.password"
        password_file.write_text(SERVICE_PASSWORD + "\n", encoding="utf-8")
        password_file.chmod(0o600)
        subprocess.run(
            [builds.SOURCE / "deploy" / "render-xgate-toml", "--database", conninfo,
             "--broker-id", broker_id, "--broker-port", str(broker_port), "--broker-username", SERVICE_USER,
             "--broker-password-file", password_file, "--http-port", str(self.port),
             "--download-port", str(self.download_port), "--firmware-folder", self.folder / "firmware",
             "--token-file", self.token_file, "--log-level", log_level, "--log-format", log_format,
             "--output", self.configuration], check=True)
        self.add_settings(settings)
        if not durable:  # the tests' own cluster, but for those about losing nothing
            self.add_settings("[database]\nallow_unsafe = true\n")

    def add_settings(self, settings):
        """`settings` is TOML; a table that stands in the file already gets its lines there, in place of those it has."""
        text = self.configuration.read_text(encoding="utf-8")
        for header, lines in re.findall(r"^(\[\w+\])\n((?:[^\[\n].*\n?)*)", settings, re.M):
            if header + "\n" in text:
                before, after = text.split(header + "\n", 1)
                keys = "|".join(re.findall(r"^\w+", lines, re.M))
                text = before + header + "\n" + re.sub(rf"\A((?:[^\[].*\n|\n)*?)(?:{keys}) = .*\n", r"\1", after)
                text = text.replace(header + "\n", header + "\n" + lines.rstrip("\n") + "\n")
            else:
                text += f"\n{header}\n{lines}"
        self.configuration.write_text(text, encoding="utf-8")

    def start(self, wait_ready=True):
        environment = builds.xgate_environment()
        if self.clock:
            environment = self.clock.environment(environment)
        self.process = Process("xgate serve",
                               [*self.prefix, str(builds.XGATE), "serve", "--config", str(self.configuration)],
                               self.log_path, env=environment)
        if wait_ready:
            self.wait_ready()

    def wait_ready(self, timeout=30):
        self.process.wait_ready(self.ready, "the service is ready", timeout)

    def ready(self):
        try:
            return self.request("GET", "/readyz", token=None).status == 200
        except OSError:
            return False

    def lives(self):
        """It answers, be it that the rest is away."""
        try:
            return self.request("GET", "/livez", token=None).status == 200
        except OSError:
            return False

    def script_processes(self):
        """The pids of the processes that run scripts now: the service starts no others."""
        found = []
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                found += [int(child) for child in (thread / "children").read_text(encoding="utf-8").split()]
            except OSError:
                pass  # a thread that has just ended
        return found

    def stop(self):
        return self.process.stop(signal.SIGTERM, 30)

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    @property
    def url(self):
        return f"{'https' if self.ca_file else 'http'}://127.0.0.1:{self.port}"

    @property
    def token(self):
        return self.token_file.read_text(encoding="utf-8").strip()

    # -- HTTP
    def request(self, method, path, body=None, token="", content_type="application/json", headers=None):
        """`token` "" is the service's own; None sends none."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = "Bearer " + (token or self.token)
        if body is not None:
            headers["Content-Type"] = content_type
            if not isinstance(body, (str, bytes)):
                body = json.dumps(body)
        if self.ca_file:
            context = ssl.create_default_context(cafile=self.ca_file)
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=seconds(30), context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds(30))
        try:
            connection.request(method, path, body=body.encode() if isinstance(body, str) else body,
                               headers=headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def metric(self, name):
        """What /metrics says now; `name` with its labels, as they are printed there."""
        text = self.request("GET", "/metrics", token=None).body.decode()
        return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[-1])

    def api(self, method, path, body=None, expect=None, **query):
        """The JSON answer of /api/v1; any other status than `expect` (2xx) fails the test."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        answer = self.request(method, "/api/v1" + path, body)
        good = answer.status == expect if expect else 200 <= answer.status < 300
        assert good, f"{method} {path}: {answer}"
        return answer.json if answer.body else None

    def items(self, path, **query):
        """Every item of a list, page by page."""
        found = []
        while True:
            page = self.api("GET", path, **query)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            query["cursor"] = page["next_cursor"]
