# SPDX-License-Identifier: Apache-2.0
"""Devices whose sessions the broker keeps, and that lose their link at the worst moment."""
import json
import socket

from .commands import acknowledge, in_state, queue, receive
from .mqtt_client import MQTT5, MQTT311
from .waiting import wait_until

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


def only_what_is_new_comes(device, client, qos=1):
    """A command that is queued now is the next that comes on `downlink`, and nothing else came."""
    marker = queue(device, "down", data={"marker": 1})
    got = receive(device, client, "downlink", qos=qos)
    assert got["MessageId"] == marker["message_id"], got
    acknowledge(device, client, "downlink_ack", got["MessageId"])
    in_state(device, marker, "done")
    assert client.unclaimed() == [], client.unclaimed()
