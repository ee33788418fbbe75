# SPDX-License-Identifier: Apache-2.0
"""Firmware and upgrades: what an operator does by the API, and a device that really downloads, checks and starts again."""
import hashlib
import http.client
import json
import random
import urllib.parse

from .device import frame
from .waiting import seconds, wait_until

TOPICS = ["firmware_report_ack", "ota_notify", "ask_firmware", "update_time_ack"]


def content(size, seed=1):
    return random.Random(seed).randbytes(size)


def upload(stand, product, version, body, module=None, name="firmware.bin", expect=201):
    query = {"version": version, "name": name, **({"module": module} if module else {})}
    answer = stand.service.request("POST", f"/api/v1/products/{product.product_id}/firmware?" + urllib.parse.urlencode(query),
                                   body, content_type="application/octet-stream")
    assert answer.status == expect, answer
    return answer.json


def start(stand, product, version, devices=None, **more):
    body = {"product_id": product.product_id, "version": version, **more}
    body.update({"all": True} if devices is None else {"devices": [device.name for device in devices]})
    return stand.service.api("POST", "/upgrades", body)


def job(stand, job_id):
    return stand.service.api("GET", f"/upgrades/{job_id}")


def upgrade(stand, job_id, device):
    return next(item for item in stand.service.items(f"/upgrades/{job_id}/devices") if item["device"] == device.name)


def wait_state(stand, job_id, device, state):
    def there():
        now = upgrade(stand, job_id, device)
        return now if now["state"] == state else None
    return wait_until(there, f"the upgrade of {device.name} to be {state}", every=0.05)


def get(url, method="GET", **headers):
    """status, headers and body of a download; names like If_Range become If-Range."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds(30))
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


class Firmware:
    """What runs on a device: a version of one module, and how it gets another."""

    def __init__(self, device, version="v1", module=None):
        self.device, self.version, self.module = device, version, module
        self.client = None

    def boot(self, report=True):
        """A new MQTT session, as after a start."""
        if self.client:
            self.client.drop()
        self.client = self.device.login(subscribe=TOPICS)
        if report:
            self.report()
        return self

    def report(self, version=None, seal=False):
        payload = {"HardVer": "h1", "SoftVer": version or self.version, "Type": 2}
        if self.module:
            payload["Module"] = self.module
        ack = self.device.send(self.client, "firmware_report", self.device.seal(payload) if seal else payload)
        assert ack["Payload"]["Code"] == "200", ack

    def notified(self, timeout=20):
        """The frame of the next ota_notify."""
        return json.loads(self.client.next(self.device.topic("ota_notify"), timeout=timeout).payload)

    def confirm(self, notice, **changes):
        self.acknowledge({"DownID": notice["Payload"]["DownID"], **changes}, notice["MessageId"])

    def acknowledge(self, payload, message_id=None):
        """ota_notify_ack has no ack of its own: what the same device asks after it is answered after it."""
        self.client.publish(self.device.topic("ota_notify_ack"), frame(9, payload, message_id))
        self.device.send(self.client, "update_time", "")

    def download(self, notice, part=None):
        """The file, in parts of so many bytes where asked for, each on a connection of its own."""
        payload, body = notice["Payload"], b""
        while len(body) < payload["SoftSize"]:
            if part is None:
                status, _, piece = get(payload["Url"])
                assert status == 200, status
            else:
                status, headers, piece = get(payload["Url"], Range=f"bytes={len(body)}-{len(body) + part - 1}")
                assert status == 206, status
                last = min(len(body) + part, payload["SoftSize"]) - 1
                assert headers["Content-Range"] == f"bytes {len(body)}-{last}/{payload['SoftSize']}", headers
            body += piece
        assert hashlib.md5(body).hexdigest() == payload["MD5"]
        return body

    def install(self, notice, **how):
        """Everything that OTA-2 asks of it."""
        self.confirm(notice)
        body = self.download(notice, **how)
        self.version = notice["Payload"]["SoftVer"]
        self.boot()
        return body
