# SPDX-License-Identifier: Apache-2.0
"""A device as its firmware would be written: identities, both logins, frames, encryption."""
import itertools
import json

from . import crypto
from .mqtt_client import MQTT311, Client
from .raw_mqtt import RawClient, connect_packet

_message_ids = itertools.count(1001)

# TOPIC-1…14: what a device may publish and what it may subscribe to under its own T.
PUBLISH = {
    "uplink": 4, "downlink_ack": 7, "downloadlink_ack": 7, "firmware_report": 8, "ota_notify_ack": 9,
    "config_report": 14, "update_time": 29, "model/property/report": 16, "model/property/set_ack": 20,
    "model/event/overheat/report": 17, "model/service/switch/ack": 21, "model/history/data/report": 27,
    "model/hex/report": 18, "model/hex/downlink_ack": 22, "model/hex": 28,
}
SUBSCRIBE = {
    "downlink": 7, "downloadlink": 7, "uplink_ack": 4, "firmware_report_ack": 8, "ask_firmware": 13,
    "ota_notify": 9, "ask_config": 14, "down_config": 14, "download_config": 14, "update_time_ack": 29,
    "model/property/report_ack": 16, "model/property/set": 20, "model/property/ask": 23,
    "model/event/overheat/report_ack": 17, "model/service/switch": 21,
    "model/history/data/report_ack": 27, "model/hex/report_ack": 18, "model/hex/downlink": 22,
    "model/hex_ack": 28,
}
# Where what is published gets its answer.
ACK = {
    "uplink": "uplink_ack", "firmware_report": "firmware_report_ack", "update_time": "update_time_ack",
    "model/property/report": "model/property/report_ack",
    "model/event/overheat/report": "model/event/overheat/report_ack",
    "model/history/data/report": "model/history/data/report_ack",
    "model/hex/report": "model/hex/report_ack", "model/hex": "model/hex_ack",
}
AUTH_TOPIC = "/sys/device/auth"


def frame(header_ctrl, payload, message_id=None, version="2.0", **more):
    return json.dumps({"MessageId": next(_message_ids) if message_id is None else message_id,
                       "HeaderCtrl": header_ctrl, "Payload": payload, "Version": version, **more})


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Product:
    def __init__(self, description):
        self.open_id = description["open_id"]
        self.product_id = description["product_id"]
        self.product_key = description["product_key"]
        self.auth_type = description["auth_type"]
        self.encrypted = description["encrypted"]


class Device:
    def __init__(self, stand, product, node_eui, device_secret=None):
        self.stand, self.product, self.node_eui = stand, product, node_eui
        self.device_secret = device_secret
        self.session_key = None
        self.reading, self.key_material = "text", "product_key"

    @property
    def name(self):
        return f"{self.product.product_id}.{self.node_eui}"

    @property
    def root(self):
        return f"/sys/{self.product.open_id}/{self.product.product_id}/{self.node_eui}"

    def topic(self, suffix):
        return f"{self.root}/{suffix}"

    def shown(self):
        """What the platform says of this device, its secrets too."""
        return self.stand.service.api("GET", f"/devices/{self.name}?reveal=true")

    def messages(self, **query):
        return self.stand.service.items(f"/devices/{self.name}/messages", **query)

    # -- AUTH- (§2.2.4, §4.1)
    def auth_credentials(self):
        return (f"{self.product.product_id}-{self.node_eui}",
                f"AUTH-{self.product.open_id}-{self.product.product_id}", self.product.product_key)

    def auth_client(self, version=MQTT311, **options):
        return Client(self.stand.broker.port, *self.auth_credentials(), version=version, **options)

    def leaves_auth_session(self):
        """Whether the broker knows a session of its AUTH- login: asked by taking it up, which leaves one again."""
        raw = RawClient(self.stand.broker.port)
        raw.send(connect_packet(*self.auth_credentials(), clean=False))
        packet = raw.receive()
        assert packet[0] >> 4 == 2 and packet[1][1] == 0, packet
        raw.close()
        return bool(packet[1][0] & 1)

    def auth_request(self, message_id=None, version="2.0", **changes):
        payload = {"OpenID": self.product.open_id, "ProductID": self.product.product_id,
                   "NodeEui": self.node_eui, "Type": self.product.auth_type, **changes}
        return frame(1, {k: v for k, v in payload.items() if v is not None}, message_id, version)

    def ask(self, client, request):
        """Publishes an auth request on a client that has subscribed, and reads the reply's frame."""
        client.publish(AUTH_TOPIC, request)
        wanted = json.loads(request)["MessageId"]
        return json.loads(client.next(self.topic("downlink"),
                                      lambda m: json.loads(m.payload)["MessageId"] == wanted).payload)

    def authenticate(self, **changes):
        """The whole of §4.1; the reply's Payload. Learns secret and session key from it."""
        client = self.auth_client().connect()
        client.must_subscribe(self.topic("downlink"))
        reply = self.ask(client, self.auth_request(**changes))["Payload"]
        client.disconnect()
        self.learn(reply)
        return reply

    def learn(self, reply):
        for name in ("DeviceSecret",):
            if name in reply:
                self.device_secret = reply[name]
                self.stand.keep_secret(reply[name], f"DeviceSecret of {self.name}")
        if "SessionID" in reply:
            self.use_session(reply["SessionID"], reply["Nonce"])

    def use_session(self, session_id, nonce):
        self.session_key = self.derive(session_id, nonce)
        self.stand.keep_secret(self.session_key.hex(), f"SessionKey of {self.name}")

    def derive(self, session_id, nonce):
        key = self.product.product_key if self.key_material == "product_key" else self.device_secret
        return crypto.session_key(session_id, nonce, key, self.reading)

    # -- V2_ (§2.2.5)
    def v2_credentials(self, type=0, timestamp=None):
        timestamp = 1675404867 if timestamp is None else timestamp
        password = crypto.v2_password(self.device_secret, self.product.product_id, self.node_eui,
                                      self.product.product_key, timestamp if type else None)
        self.stand.keep_secret(password, f"MQTT password of {self.name}")
        return (f"V2_{self.name}_{type}_{timestamp}",
                f"{self.product.open_id}-{self.product.product_id}-{self.node_eui}", password)

    def client(self, type=0, timestamp=None, version=MQTT311, **options):
        return Client(self.stand.broker.port, *self.v2_credentials(type, timestamp), version=version, **options)

    def login(self, type=0, timestamp=None, subscribe=(), **options):
        """A connected client of this device, subscribed below its T."""
        client = self.client(type, timestamp, **options).connect()
        if subscribe:
            client.must_subscribe(*[self.topic(suffix) for suffix in subscribe])
        return client

    def raw_login(self, type=0, timestamp=None, address=None, **options):
        """The broker's CONNACK code for a login by the byte, and the connection."""
        raw = RawClient(self.stand.broker.port, address=address)
        return raw.login(*self.v2_credentials(type, timestamp), **options), raw

    # -- frames
    def seal(self, payload):
        return crypto.seal(self.session_key, compact(payload))

    def send(self, client, suffix, payload, message_id=None, header_ctrl=None, qos=1, timeout=20):
        """Publishes a frame and returns the ack's frame."""
        body = frame(PUBLISH[suffix] if header_ctrl is None else header_ctrl, payload, message_id)
        return self.send_raw(client, suffix, body, json.loads(body)["MessageId"], qos, timeout)

    def send_raw(self, client, suffix, body, message_id, qos=1, timeout=20):
        client.publish(self.topic(suffix), body, qos=qos)
        return self.ack(client, suffix, message_id, timeout)

    def ack(self, client, suffix, message_id, timeout=20):
        return json.loads(client.next(
            self.topic(ACK[suffix]), lambda m: json.loads(m.payload)["MessageId"] == message_id,
            timeout).payload)
