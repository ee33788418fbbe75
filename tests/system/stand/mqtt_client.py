# SPDX-License-Identifier: Apache-2.0
"""paho as a client that a test can read top to bottom; paho 1.6 (Debian 12) and 2 (Debian 13)."""
import socket
import threading
import time
import warnings

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .waiting import DeadlinePassed, seconds

MQTT311, MQTT5 = paho.MQTTv311, paho.MQTTv5
_open = []


class LoginRefused(AssertionError):
    def __init__(self, code):
        super().__init__(f"CONNACK {code}")
        self.code = code


class Client:
    def __init__(self, port, client_id, username=None, password=None, version=MQTT311, clean=True,
                 keepalive=60, will=None, session_expiry=None, receive_maximum=None,
                 maximum_packet_size=None, address=None):
        options = {"client_id": client_id, "protocol": version, "reconnect_on_failure": False}
        if version != MQTT5:
            options["clean_session"] = clean
        if hasattr(paho, "CallbackAPIVersion"):
            options["callback_api_version"] = paho.CallbackAPIVersion.VERSION1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.paho = paho.Client(**options)
        if username is not None:
            self.paho.username_pw_set(username, password)
        if will is not None:
            self.paho.will_set(*will[:2], qos=1, retain=len(will) > 2 and will[2])
        self.paho.max_inflight_messages_set(1000)
        self.client_id, self.version, self.port, self._address = client_id, version, port, address or ""
        self._clean, self._keepalive = clean, keepalive
        self._session_expiry, self._receive_maximum = session_expiry, receive_maximum
        self._maximum_packet_size = maximum_packet_size
        self._changed = threading.Condition()
        self._connack = self.session_present = self._closed = self._closed_rc = None
        self._granted, self._published = {}, {}
        self._unclaimed = []
        self.on_message = None  # instead of the inbox
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_subscribe = self._on_subscribe
        self.paho.on_publish = self._on_publish
        self.paho.on_message = self._on_message

    # -- paho's thread
    def _note(self, change):
        with self._changed:
            change()
            self._changed.notify_all()

    def _on_connect(self, _client, _data, flags, code, *_properties):
        present = flags["session present"]

        def change():
            self._connack, self.session_present = getattr(code, "value", code), bool(present)
        self._note(change)

    def _on_disconnect(self, _client, _data, code, *_properties):
        def change():
            self._closed, self._closed_rc = True, getattr(code, "value", code)
        self._note(change)

    def _on_subscribe(self, _client, _data, mid, codes, *_properties):
        codes = [getattr(code, "value", code) for code in codes]
        self._note(lambda: self._granted.__setitem__(mid, codes))

    def _on_publish(self, _client, _data, mid, *_rest):
        self._note(lambda: self._published.__setitem__(mid, True))

    def _on_message(self, _client, _data, message):
        if self.on_message:
            self.on_message(message)
            return
        self._note(lambda: self._unclaimed.append(message))

    def _await(self, condition, what, timeout):
        deadline = time.monotonic() + seconds(timeout)
        with self._changed:
            while True:
                value = condition()
                if value:
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    raise DeadlinePassed(f"{self.client_id}: waited {seconds(timeout):.0f} s for {what}; "
                                         f"here: {[(m.topic, m.payload[:300]) for m in self._unclaimed]}")
                self._changed.wait(left)

    # -- the test's thread
    def connect(self, timeout=10):
        """Logs in, or raises LoginRefused with CONNACK's code."""
        options = {}
        if self.version == MQTT5:
            properties = Properties(PacketTypes.CONNECT)
            if self._session_expiry is not None:
                properties.SessionExpiryInterval = self._session_expiry
            if self._receive_maximum is not None:
                properties.ReceiveMaximum = self._receive_maximum
            if self._maximum_packet_size is not None:
                properties.MaximumPacketSize = self._maximum_packet_size
            options = {"clean_start": self._clean, "properties": properties}
        self.paho.connect("127.0.0.1", self.port, keepalive=self._keepalive, bind_address=self._address, **options)
        self.paho.loop_start()
        _open.append(self)
        try:
            self._await(lambda: self._connack is not None or self._closed, "CONNACK", timeout)
        except DeadlinePassed:
            self.abandon()
            raise
        if self._connack != 0:
            self.abandon()
            raise LoginRefused(self._connack)
        return self

    def subscribe(self, *filters, qos=1, timeout=10):
        """SUBACK's codes, one a filter: 128 and above are refusals."""
        options = [(filter_, qos) for filter_ in filters]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.version == MQTT5:
                options = [(f, paho.SubscribeOptions(qos=qos)) for f in filters]
            _result, mid = self.paho.subscribe(options)
        self._await(lambda: mid in self._granted or self._closed, f"SUBACK for {filters}", timeout)
        assert mid in self._granted, f"{self.client_id}: closed instead of SUBACK for {filters}"
        return self._granted[mid]

    def must_subscribe(self, *filters, qos=1):
        codes = self.subscribe(*filters, qos=qos)
        assert all(code < 128 for code in codes), f"{filters} refused: {codes}"
        return self

    def publish(self, topic, payload, qos=1, retain=False, properties=None, wait=True, timeout=20):
        info = self.paho.publish(topic, payload, qos=qos, retain=retain,
                                 **({"properties": properties} if properties else {}))
        if wait and qos:
            self._await(lambda: info.mid in self._published or self._closed, f"PUBACK on {topic}", timeout)
            assert info.mid in self._published, f"{self.client_id}: closed instead of PUBACK on {topic}"
        return info

    def next(self, topic=None, where=None, timeout=20):
        """The first message not yet taken that fits, waiting for it."""
        def fits(message):
            return (topic is None or message.topic == topic) and (where is None or where(message))

        def take():
            for index, message in enumerate(self._unclaimed):
                if fits(message):
                    return self._unclaimed.pop(index)
            return None
        return self._await(take, f"a message on {topic or 'any topic'}", timeout)

    def unclaimed(self):
        with self._changed:
            return [(message.topic, message.payload) for message in self._unclaimed]

    def wait_closed(self, timeout=20):
        """Until the broker has ended the connection; paho's reason."""
        self._await(lambda: self._closed, "the end of the connection", timeout)
        return self._closed_rc

    def closed(self):
        return bool(self._closed)

    def disconnect(self):
        self.paho.disconnect()
        self._await(lambda: self._closed, "the end of the connection", 10)
        self.abandon()

    def drop(self):
        """Ends without DISCONNECT, as a device that loses its power."""
        self.abandon()

    def abandon(self):
        sock = self.paho.socket()
        if sock:
            try:
                sock.shutdown(socket.SHUT_RDWR)  # also wakes paho's thread, which else looks once a second
            except OSError:
                pass
        self.paho.loop_stop()
        sock = self.paho.socket()
        if sock:
            sock.close()
        if self in _open:
            _open.remove(self)


def close_all():
    for client in list(_open):
        client.abandon()
