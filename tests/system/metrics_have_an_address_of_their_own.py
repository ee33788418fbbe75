#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""[metrics] address and port: /metrics is served there and nothing else is; the API's port says so (404). Who holds all of the
API's connections does not blind the metrics."""
from stand import run
from stand.http_peer import ask, connect
from stand.ports import take_port
from stand.waiting import wait_until

PORT = take_port()


def metrics_have_an_address_of_their_own(stand):
    status, headers, body = ask(PORT, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain") and b"xgate_devices_online" in body, body
    answer = stand.service.request("GET", "/metrics", token=None)
    assert answer.status == 404 and "[metrics] address" in answer.json["detail"], answer
    chinese = stand.service.request("GET", "/metrics", token=None, headers={"Accept-Language": "zh"})
    assert "单独的地址" in chinese.json["detail"], chinese
    for path in ("/livez", "/readyz", "/api/v1/vendors", "/"):
        assert ask(PORT, path)[0] == 404, (path, ask(PORT, path))
    assert f"metrics on 127.0.0.1:{PORT}" in stand.service.process.log()

    def request(**headers):
        with connect(PORT) as connection:
            lines = [f"{name}: {value}" for name, value in {"Connection": "close", **headers}.items()]
            connection.sendall(("GET /metrics HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode())
            return int(connection.recv(100).split()[1])
    assert request(Host="rebound.example") == 421
    assert request(Host="localhost", Origin="http://rebound.example") == 403
    assert request(Host="localhost") == 200

    unfinished = (f"POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {stand.service.token}\r\n"
                  "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n").encode()
    held = [connect(stand.service.port) for _ in range(4)]
    for connection in held:
        connection.sendall(unfinished)
    wait_until(lambda: b"xgate_http_connections 5" in ask(PORT, "/metrics")[2], "the API's connections to be seen")
    assert ask(stand.service.port, "/livez")[0] == 429
    assert ask(PORT, "/metrics")[0] == 200
    for connection in held:
        connection.close()


run(metrics_have_an_address_of_their_own,
    settings=f'[metrics]\naddress = "127.0.0.1"\nport = {PORT}\n[http]\nconnections = 4\nconnections_per_address = 4\n')
