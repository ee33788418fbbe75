# SPDX-License-Identifier: Apache-2.0
"""Who exists while bad input comes: an attacker who owns good credentials, and those it must not reach."""
import json
import struct
import threading
import time

from stand import crypto
from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER
from stand.device import SUBSCRIBE, Device, frame
from stand.hex_product import MODEL as HEX_MODEL
from stand.hex_product import DEMO, put_script
from stand.thing_model import METER, put_model
from stand.waiting import wait_until

from . import connection as wire

FRESH = 400


class Scene:
    def __init__(self, stand):
        self.stand = stand
        mine, theirs = stand.vendor(), stand.vendor()
        plain = stand.product(open_id=mine)
        self.devices = {
            "attacker": stand.device(plain, "Meter1"), "device": stand.device(plain, "Neighbour1"),
            "prefix": stand.device(plain, "Meter12"),
            "product": stand.device(stand.product(open_id=mine), "Meter1"),
            "vendor": stand.device(stand.product(open_id=theirs), "Meter1"),
            "good": stand.device(stand.product(open_id=mine), "Good1"),
            "plain": stand.device(stand.product(open_id=mine, reauth="always"), "Plain1"),
            "json": stand.device(stand.product(open_id=mine, kind="json"), "Json1"),
            "hex": stand.device(stand.product(open_id=mine, kind="hex"), "Hex1"),
            "sealed": stand.device(stand.product(open_id=mine, kind="json", encrypted=True), "Sealed1"),
            "unkeyed": stand.device(stand.product(open_id=mine, kind="json", encrypted=True), "Unkeyed1"),
            "fickle": stand.device(stand.product(open_id=mine, auth_type=0), "Fickle1", registered=False),
            "stranger": stand.device(stand.product(open_id=mine), "Stranger1", registered=False),
            "burnt": stand.device(stand.product(open_id=mine, auth_type=2), "Burnt1"),
            "disabled": stand.device(stand.product(open_id=mine), "Disabled1"),
            "web": stand.device(stand.product(open_id=theirs, kind="json"), "Web1"),
        }
        put_model(stand, self.devices["json"].product, METER)
        put_model(stand, self.devices["sealed"].product, METER)
        put_model(stand, self.devices["web"].product, METER)
        put_model(stand, self.devices["hex"].product, HEX_MODEL)
        assert put_script(stand, self.devices["hex"].product, DEMO).status == 201
        stand.act(self.devices["disabled"], "disable")
        self._make_fresh(plain)
        self._used = 0
        self._messages = 0
        self.more = {}
        self.devices["sealed"].authenticate()
        self.devices["fickle"].authenticate()

    def _make_fresh(self, product):
        """Devices that each lend their good name to one case."""
        self.fresh_product = product
        rows = "".join(f"{product.product_id},Fresh{n:05d}\n" for n in range(FRESH))
        answer = self.stand.service.request("POST", "/api/v1/devices/import", "product_id,node_eui\n" + rows,
                                            content_type="text/csv")
        assert answer.json["imported"] == FRESH, answer
        self._secrets = dict(self.stand.database.sql(
            f"SELECT node_eui, device_secret FROM device WHERE product_id = '{product.product_id}' "
            "AND node_eui LIKE 'Fresh%'"))

    def prepare(self, stand):
        """What rows of the API are about: a firmware image, an upgrade that runs, commands."""
        web = self.devices["web"]
        answer = stand.service.request("POST", f"/api/v1/products/{web.product.product_id}/firmware?version=2.0.0",
                                       bytes(range(256)) * 16, content_type="application/octet-stream")
        assert answer.status == 201, answer
        job = stand.service.api("POST", "/upgrades", {"product_id": web.product.product_id, "version": "2.0.0",
                                               "devices": [web.name], "time_limit_s": 86400})
        command = stand.service.api("POST", f"/devices/{web.name}/commands", {"kind": "down", "data": 1})
        self.more = {"image": answer.json["image_id"], "job": job["job_id"], "command": command["command_id"],
                     "down_id": self._offer(web)}

    def _offer(self, device):
        """The DownID that the device is told for the upgrade."""
        client = device.login(subscribe=["ota_notify", "firmware_report_ack"])
        device.send(client, "firmware_report", {"HardVer": "1", "SoftVer": "1.0.0", "Type": 2})
        notice = json.loads(client.next(device.topic("ota_notify")).payload)["Payload"]
        client.publish(device.topic("ota_notify_ack"), frame(9, {"DownID": notice["DownID"]}))
        client.disconnect()
        return notice["DownID"]

    def fresh_device(self):
        node_eui = f"Fresh{self._used % FRESH:05d}"
        self._used += 1
        return Device(self.stand, self.fresh_product, node_eui, self._secrets[node_eui])

    def message_id(self):
        self._messages += 1
        return 500_000 + self._messages

    # -- those who must not be reached
    def watch(self):
        """Everybody beside the attacker listens to all that is theirs, and an operator to everything."""
        port = self.stand.broker.port
        self._watchers = [Watcher(name, port, self.devices[name].v2_credentials(),
                                  [self.devices[name].topic(suffix) for suffix in ("+", *SUBSCRIBE)])
                          for name in ("device", "prefix", "product", "vendor")]
        self._watchers.append(Watcher("operator", port, ("watching-operator", OPERATOR_USER, OPERATOR_PASSWORD),
                                      ["/sys/#", "$xgate/#"]))
        self._prove_watching(port)

    def _prove_watching(self, port):
        """A watcher that cannot notice proves nothing: each is sent something once, by who may."""
        operator = wire.Connection(port).login(4, "proving-operator", OPERATOR_USER, OPERATOR_PASSWORD)
        for watcher in self._watchers:
            topic = self.devices[watcher.who].topic("uplink_ack") if watcher.who in self.devices else "/sys/proof"
            operator.send(wire.publish(4, topic, b"intruder"))
        wait_until(lambda: all(watcher.found for watcher in self._watchers), "every watcher to notice")
        operator.close()
        # The operator's watcher is sent each of them, in order; the last is its own.
        wait_until(lambda: "/sys/proof" in self._watchers[-1].found, "the operator to notice all")
        self.intrusions()

    def intrusions(self):
        """What the marked packets of the catalogue brought to anybody; forgotten once told."""
        return [told for watcher in self._watchers for told in watcher.intrusions()]


class Watcher(threading.Thread):
    """Reads all that one client is sent, by the byte: a client library would choke on some of it."""

    def __init__(self, name, port, credentials, filters):
        super().__init__(daemon=True)
        self.who, self.found, self._closed = name, [], False
        self._connection = wire.Connection(port, patience=3600).login(4, *credentials, keepalive=7200)
        self._connection.send(wire.subscribe(4, *filters))
        self._connection.receive()
        self.start()

    def run(self):
        while packet := self._connection.receive():
            if packet[0] >> 4 != 3:
                continue
            size = struct.unpack("!H", packet[1][:2])[0]
            if packet[0] & 6:
                self._connection.send(b"\x40\x02" + packet[1][2 + size:4 + size])
            if b"intruder" in packet[1] and not packet[1].startswith(b"$xgate/", 2):
                self.found.append(packet[1][2:2 + size].decode("utf-8", "replace"))
        self._closed = True

    def intrusions(self):
        found, self.found = self.found, []
        return [f"{self.who} received a marked message on {topic}" for topic in found] + \
            ([f"{self.who} lost its connection"] if self._closed else [])


class View:
    """The scene as one case's texts name it: its device's identities without a prefix, everybody else's with."""

    def __init__(self, scene, device, **more):
        self.scene, self.device, self.more = scene, device, more

    def value(self, name):
        if name in self.more:
            return self.more[name]
        if name in self.scene.more:
            return self.scene.more[name]
        who, _, member = name.rpartition(".")
        device = self.scene.devices[who] if who else self.device
        product = device.product
        if member in ("O", "P", "N", "T"):
            return {"O": product.open_id, "P": product.product_id, "N": device.node_eui, "T": device.root}[member]
        if member == "product_key":
            return product.product_key
        if member == "auth_type":
            return product.auth_type
        if member == "token":
            return self.scene.stand.service.token
        if member == "token_cut":
            return self.scene.stand.service.token[:-1]
        if member in ("now", "now_ms"):
            return int(time.time() * (1000 if member.endswith("ms") else 1))
        if member.startswith(("now+", "now-")):
            return int(time.time()) + int(member[3:])
        if member.startswith(("now_ms+", "now_ms-")):
            return int(time.time() * 1000) + int(member[6:])
        credentials = {"client_id": 0, "username": 1, "password": 2}
        if member in credentials:
            return device.v2_credentials()[credentials[member]]
        if member.removeprefix("auth_") in credentials:
            return device.auth_credentials()[credentials[member.removeprefix("auth_")]]
        raise KeyError(f"the scene knows no ${{{name}}}")

    def function(self, name, text):
        key = self.device.session_key
        if name == "seal":
            return crypto.seal(key, text)
        if name == "seal_twice":
            return crypto.seal(key, crypto.seal(key, text))
        if name == "seal_lower":
            return crypto.seal(key, text).lower()
        if name == "raw_blocks":  # without padding: hex of whole blocks as they stand
            return crypto.aes_ecb_raw(key, bytes.fromhex(text)).hex().upper()
        if name == "wrong_key":
            return crypto.seal(bytes(16), text)
        if name == "cbc":
            return crypto.aes_cbc_encrypt(key, text.encode()).hex().upper()
        raise KeyError(f"the scene knows no function {name}`…`")
