#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-1, ID-7, V2-4: two brokers on one database, each with its plugin and a service. When one service's API says that a
change is done, the broker that the other service consumes goes by it as well: who was added or enabled gets in there at
the first try, who was disabled or deleted is thrown out already and gets in no more; likewise after another key, another
setting of the product, and a disabled vendor."""
from stand import run
from stand.device import Device
from stand.raw_mqtt import RawClient

TRIES = 12  # with each of the two
PATIENT = ["--login-longest-backoff", "0", "--logins-per-minute", "6000"]
KEY = "00112233445566778899AABBCCDDEEFF"


def login(device, broker, credentials=None):
    raw = RawClient(broker.port)
    return raw.login(*(credentials or device.v2_credentials())), raw


def thrown_out(live):
    live.socket.settimeout(0.05)
    try:
        return live.receive() is None
    except TimeoutError:
        return False


def living(device, brokers):
    """A connection to each, which is in."""
    live = [login(device, broker) for broker in brokers]
    assert [code for code, _raw in live] == [0, 0]
    return [raw for _code, raw in live]


class Changes:
    """Made by one service, and looked at where it is not connected first: there nothing but the database has told."""

    def __init__(self, service, far, near):
        self.service, self.brokers = service, (far, near)

    def make(self, method, path, body=None):
        answer = self.service.request(method, "/api/v1" + path, body)
        assert 200 <= answer.status < 300 and "Xgate-Unconfirmed" not in answer.headers, (method, path, answer, answer.headers)
        return answer.json if answer.body else None

    def let_in(self, device, credentials=None):
        """At how many of the two."""
        count = 0
        for broker in self.brokers:
            code, raw = login(device, broker, credentials)
            raw.close()
            count += code == 0
        return count


def of_devices(stand, changes, product, prefix):
    devices = []
    for number in range(TRIES):
        device = Device(stand, product, f"{prefix}{number:04d}")
        device.device_secret = changes.make("POST", f"/products/{product.product_id}/devices?reveal=true",
                                            {"node_eui": device.node_eui})["device_secret"]
        stand.keep_secret(device.device_secret, "a DeviceSecret")
        devices.append(device)
        assert changes.let_in(device) == 2, f"added, {number}"
    for number, device in enumerate(devices):
        live = living(device, changes.brokers)
        changes.make("POST", f"/devices/{device.name}/disable")
        assert changes.let_in(device) == 0, f"disabled, {number}"
        assert all(thrown_out(raw) for raw in live), f"disabled, {number}"
    for number, device in enumerate(devices):
        changes.make("POST", f"/devices/{device.name}/enable")
        assert changes.let_in(device) == 2, f"enabled, {number}"
    for number, device in enumerate(devices[1:]):
        live = living(device, changes.brokers)
        changes.make("DELETE", f"/devices/{device.name}")
        assert changes.let_in(device) == 0, f"deleted, {number}"
        assert all(thrown_out(raw) for raw in live), f"deleted, {number}"
    return devices[0]


def of_products_and_vendors(stand, changes, device, keys):
    product = device.product
    for number in range(6):
        old = device.v2_credentials()
        live = living(device, changes.brokers)
        product.product_key = f"{KEY[:-4]}{keys}{number:02X}"
        stand.keep_secret(product.product_key, "a ProductKey")
        changes.make("PATCH", f"/products/{product.product_id}", {"product_key": product.product_key})
        assert all(thrown_out(raw) for raw in live), number
        assert (changes.let_in(device, old), changes.let_in(device)) == (0, 2), number
        for path in (f"/products/{product.product_id}", f"/vendors/{product.open_id}"):
            changes.make("PATCH", path, {"enabled": False})
            assert changes.let_in(device) == 0, (number, path)
            changes.make("PATCH", path, {"enabled": True})
            assert changes.let_in(device) == 2, (number, path)
        allow_hash = number % 2 == 0
        changes.make("PATCH", f"/products/{product.product_id}", {"allow_hash": allow_hash})
        for broker in changes.brokers:
            _code, live = login(device, broker)
            assert (live.subscribe(f"{device.root}/#") == 1) == allow_hash, number
            live.close()


def api_changes_are_in_effect_at_every_broker(stand):
    other = stand.another_broker("other", PATIENT)
    other.start()
    second = stand.another_service("second", other)
    second.start()
    product = stand.product()
    for service, far, near, keys in ((stand.service, other, stand.broker, "0A"), (second, stand.broker, other, "0B")):
        changes = Changes(service, far, near)
        device = of_devices(stand, changes, product, f"by{keys}")
        of_products_and_vendors(stand, changes, device, keys)


run(api_changes_are_in_effect_at_every_broker, broker_options=PATIENT)
