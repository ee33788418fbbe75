# SPDX-License-Identifier: Apache-2.0
"""Devices whose sessions the broker keeps, and that lose their link at the worst moment."""
import contextlib
import json
import socket
import threading

from .commands import acknowledge, in_state, queue, receive
from .mqtt_client import MQTT5, MQTT311
from .waiting import seconds, wait_until

# Both ways of asking the broker to keep a session.
KEPT = ((MQTT311, {"clean": False}), (MQTT5, {"clean": False, "session_expiry": 3600}))


def lose_link_at(client, topic, cause):
    """The message that comes on this topic after `cause()`: its arrival ends the link, so no PUBACK leaves."""
    got = []

    def on_message(message):
        if message.topic == topic and not got:
            got.append(message)
            client.paho.socket().shutdown(socket.SHUT_RDWR)
    client.on_message = on_message
    cause()
    wait_until(lambda: got and client.closed(), f"the link to be lost at a message on {topic}", every=0.02)
    client.abandon()
    return json.loads(got[0].payload)


@contextlib.contextmanager
def acks_held(client):
    """What comes meanwhile, its PUBACK not sent: paho acknowledges what its callback returns from. None is sent
    either where the link is cut in here."""
    taken, go_on = [], threading.Event()

    def on_message(message):
        taken.append(message)
        go_on.wait(seconds(60))
    client.on_message = on_message
    try:
        yield taken
    finally:
        client.on_message = None
        go_on.set()


def cut_link(client):
    """Without a word, and before anything else is sent."""
    client.paho.socket().shutdown(socket.SHUT_RDWR)


def only_what_is_new_comes(device, client, qos=1):
    """A command that is queued now is the next that comes on `downlink`, and nothing else came."""
    marker = queue(device, "down", data={"marker": 1})
    got = receive(device, client, "downlink", qos=qos)
    assert got["MessageId"] == marker["message_id"], got
    acknowledge(device, client, "downlink_ack", got["MessageId"])
    in_state(device, marker, "done")
    assert client.unclaimed() == [], client.unclaimed()
