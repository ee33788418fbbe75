#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP: a name that was pointed at this machine reads nothing, not even /metrics (421), nor does a page of another site (403):
API and downloads. IP addresses, localhost, the machine's own name, public_url's and those of the settings are answered; HTTP/1.1
without Host is 400, HTTP/1.0 is served."""
import http.client
import socket

from stand import run
from stand.ota import Firmware, content, start, upload
from stand.waiting import seconds

NAMED = "gate.example.com"
PAGE = "https://gate.example.com"
TOLD = "ota.example.com"


def ask(port, path, version="1.1", **headers):
    """Status and body of a request that has just these headers."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds(20)) as connection:
        lines = [f"GET {path} HTTP/{version}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def names(stand, port, path):
    for host in ("127.0.0.1", f"127.0.0.1:{port}", "192.0.2.1", "[::1]:80", "localhost", "LOCALHOST.", socket.gethostname(),
                 NAMED, f"{NAMED}:443", TOLD):
        assert ask(port, path, Host=host)[0] == 200, host
    for host in ("rebound.example", f"rebound.example:{port}", "localhost.rebound.example", "2130706433"):
        status, body = ask(port, path, Host=host)
        assert status == 421 and b"[http] hosts" in body, (host, status, body)
    assert ask(port, path)[0] == 400
    assert ask(port, path, Host="local host")[0] == 400
    assert ask(port, path, version="1.0")[0] == 200


def origins(stand, port, path):
    own = f"127.0.0.1:{port}"
    for origin in (f"http://{own}", PAGE):
        assert ask(port, path, Host=own, Origin=origin)[0] == 200, origin
    for origin in ("http://rebound.example", "null", f"https://{own}", "http://127.0.0.1", f"http://localhost:{port}"):
        status, body = ask(port, path, Host=own, Origin=origin)
        assert status == 403 and b"[http] origins" in body, (origin, status, body)


def http_foreign_hosts_and_origins_are_refused(stand):
    product = stand.product()
    device = stand.device(product)
    upload(stand, product, "v2", content(1000))
    start(stand, product, "v2", [device])
    url = Firmware(device).boot().notified()["Payload"]["Url"]
    assert url.startswith(f"http://{TOLD}/"), url
    for port, path in ((stand.service.port, "/metrics"), (stand.service.port, "/livez"),
                       (stand.service.download_port, "/" + url.split("/", 3)[3])):
        names(stand, port, path)
        origins(stand, port, path)
    device_path = "/" + url.split("/", 3)[3]
    assert ask(stand.service.download_port, device_path, version="1.0", Host="what ever")[0] == 200

    problem = stand.service.request("GET", "/api/v1/vendors", headers={"Host": "rebound.example"})
    assert problem.status == 421 and problem.json["type"] == "urn:xgate:problem:foreign-name", problem
    problem = stand.service.request("OPTIONS", "/api/v1/vendors", headers={"Origin": "http://rebound.example"})
    assert problem.status == 403 and problem.json["type"] == "urn:xgate:problem:foreign-origin", problem
    assert "Access-Control-Allow-Origin" not in problem.headers
    chinese = stand.service.request("GET", "/metrics", token=None, headers={"Host": "rebound.example", "Accept-Language": "zh"})
    assert "rebound.example" in chinese.json["detail"] and "不以" in chinese.json["detail"], chinese


run(http_foreign_hosts_and_origins_are_refused,
    settings=f'[http]\nhosts = ["{NAMED}"]\norigins = ["{PAGE}"]\n[download]\npublic_url = "http://{TOLD}"\n')
