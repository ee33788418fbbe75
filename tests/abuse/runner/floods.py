# SPDX-License-Identifier: Apache-2.0
"""Attacks of one connection that was let in.

messages  count of size bytes at qos; comes_back: logs in again each time it is ended, for so many seconds. Facts: sent, ended,
          ended_by (the requirement on record), logins, stored (as 200), told (as 4001)
asks      count requests for authentication of one AUTH- login. Facts: sent, ended, stored (Code 0), told (Code 1)
filters   count filters of one session that is stored, so many in a packet. Facts: sent, ended, ended_by
churn     count times a filter and back. Facts: sent, ended, ended_by
qos_2     count messages of size bytes that are never released, of a stored session that comes back `visits` times, by login
          ("auth", "device") and mqtt (4, 5). Facts: received (PUBRECs), refused (of them with a reason)
"""
import itertools
import time

from stand.device import AUTH_TOPIC, frame

from .flood import LONGEST_S, Flood, publish, subscribe, unsubscribe
from .wire import QoS2


def _ended_by(scene, device):
    """On record; the service writes it in its time."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        found = {requirement for requirement, reason in scene.refusals(device) if "session was ended" in reason}
        if found:
            return ", ".join(sorted(found))
        time.sleep(0.05)
    return ""


def messages(scene, count, qos=0, size=0, comes_back=0):
    device = scene.device()
    more = {"x": "x" * size} if size else {}
    packets = (publish(device.topic("uplink"), frame(4, {"n": number, **more}, number), qos, number % 65535 + 1)
               for number in itertools.count(1))
    until = time.monotonic() + (comes_back or LONGEST_S)
    sent = logins = 0
    while sent < count and time.monotonic() < until and (comes_back or not logins):
        flood = Flood(scene.stand.broker.port, device.v2_credentials())
        if not flood.let_in:
            time.sleep(0.2)
            continue
        logins += 1
        flood.send([subscribe([device.topic("uplink_ack")])])
        sent += flood.send(itertools.islice(packets, count - sent), until)
        ended = flood.ended()
        flood.close()
    codes = scene.codes(device)
    return {"sent": sent, "logins": logins, "ended": ended, "ended_by": _ended_by(scene, device) if ended else "",
            "stored": codes.get("200", 0), "told": codes.get("4001", 0)}


def asks(scene, count):
    device = scene.device()
    flood = Flood(scene.stand.broker.port, device.auth_credentials())
    flood.send([subscribe([device.topic("downlink")])])
    sent = flood.send(publish(AUTH_TOPIC, device.auth_request(number)) for number in range(count))
    ended = flood.ended()
    flood.close()
    codes = scene.codes(device)
    return {"sent": sent, "ended": ended, "stored": codes.get("0", 0), "told": codes.get("1", 0)}


def filters(scene, count, in_a_packet):
    device = scene.device()
    flood = Flood(scene.stand.broker.port, device.v2_credentials(), clean=False)
    sent = flood.send(subscribe([device.topic(f"model/service/s{number + each}") for each in range(in_a_packet)])
                      for number in range(0, count, in_a_packet))
    ended = flood.ended(1)
    flood.close()
    return {"sent": sent * in_a_packet, "ended": ended, "ended_by": _ended_by(scene, device) if ended else ""}


def churn(scene, count):
    device = scene.device()
    topic = [device.topic("downlink")]
    flood = Flood(scene.stand.broker.port, device.v2_credentials())
    sent = flood.send(subscribe(topic) + unsubscribe(topic) for _ in range(count))
    ended = flood.ended()
    flood.close()
    return {"sent": sent, "ended": ended, "ended_by": _ended_by(scene, device) if ended else ""}


def qos_2(scene, count, size, visits, login, mqtt):
    device = scene.device()
    credentials = device.auth_credentials() if login == "auth" else device.v2_credentials()
    topic = AUTH_TOPIC if login == "auth" else device.topic("uplink")
    received = refused = mid = 0
    for _ in range(visits):
        with QoS2(scene.stand.broker.port, mqtt, credentials) as client:
            for _ in range(count // visits):
                mid += 1
                reason = client.hand_over(topic, b"x" * size, mid)
                if reason is None:  # ended
                    break
                received += 1
                refused += reason >= 0x80
    return {"received": received, "refused": refused}


ATTACKS = {"messages": messages, "asks": asks, "filters": filters, "churn": churn, "qos_2": qos_2}
