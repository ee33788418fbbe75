# SPDX-License-Identifier: Apache-2.0
"""Attacks by connections that nobody has let in, all from one address.

unfinished  count connections whose CONNECT is announced with so many bytes and never ends; sent: so many of them at once, and drips
            more, each in a packet of its own.
            Facts: open (those that the broker keeps), held_mib (its memory, while they are held, more than before), let_in (who
            logs in meanwhile)
silent      count connections to "mqtt", "api" or "download" that say nothing. Facts: open (those that the server keeps),
            served (from another address meanwhile, of five)
"""
import contextlib
import http.client
import socket
import time

from stand.processes import resident_mib
from stand.raw_mqtt import encode_packet
from stand.waiting import seconds

from .scene import ATTACKER

_BEGUN = b"\x00\x04MQTT\x04\xc2\x00\x3c\x75\x30"  # and then a client id that goes on


def _connections(port, count):
    found = []
    for _ in range(count):
        with contextlib.suppress(OSError):  # refused where there are too many
            found.append(socket.create_connection(("127.0.0.1", port), seconds(10), (ATTACKER, 0)))
    return found


def _let_in(device, times):
    """How many of these logins, none of which is too many (LIMIT-3)."""
    let_in = 0
    for _ in range(times):
        code, client = device.raw_login()
        client.close()
        let_in += code == 0
    return let_in


def _send(connection, data):
    with contextlib.suppress(OSError):  # ended already
        connection.sendall(data)


def unfinished(scene, count, sent, announced=300_000, drips=0):
    device, pid = scene.device(), scene.stand.broker.process.pid
    packet = encode_packet(0x10, _BEGUN.ljust(announced, b"x"))[:sent]
    before, held = resident_mib(pid), _connections(scene.stand.broker.port, count)
    try:
        for connection in held:
            _send(connection, packet)
        for _ in range(drips):
            for connection in held:
                _send(connection, b"x")
        let_in = _let_in(device, 3)  # after it, the broker has read what came before
        held_mib = round(resident_mib(pid) - before, 1)
        kept = sum(map(_open, held))
    finally:
        for connection in held:
            connection.close()
    return {"connections": len(held), "open": kept, "held_mib": held_mib, "let_in": let_in}


def _served(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds(5))
    try:
        connection.request("GET", path)
        return connection.getresponse().status in (200, 404)  # no download is called that
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _open(connection):
    connection.setblocking(False)
    try:
        return bool(connection.recv(4096)) and _open(connection)
    except BlockingIOError:
        return True
    except OSError:
        return False


def silent(scene, to, count):
    service = scene.stand.service
    port, path = {"mqtt": (scene.stand.broker.port, ""), "api": (service.port, "/livez"),
                  "download": (service.download_port, "/ota/00000000")}[to]
    device = scene.device()
    held = _connections(port, count)
    try:
        served = _let_in(device, 5) if to == "mqtt" else sum(_served(port, path) for _ in range(5))
        time.sleep(0.2)  # the last of them may still be on their way out
        kept = sum(map(_open, held))
    finally:
        for connection in held:
            connection.close()
    return {"open": kept, "served": served}


ATTACKS = {"unfinished": unfinished, "silent": silent}
