# SPDX-License-Identifier: Apache-2.0
"""Attacks by logging in.

login_loop   one identity, count times; takeover: before its last connection has ended. Facts: let_in, refused
made_up      count NodeEuis, whose ProductKey is known, each asks for authentication at once. Facts: let_in, answered (Code 0),
             told (another Code), devices (that there are now)
keep         count AUTH- logins of made-up NodeEuis, each with a session that is to be kept. Facts: let_in
guesses      from the victim's address: tries wrong under its name, names made up; accounts unknown from the one where service
             accounts may log in from. Facts: let_in, victim and account ("let in" with their right passwords, from there)
tokens       count guesses of an API token from an address; then a good one from there. Facts: status (of the good one)
"""
import http.client

from stand.broker import OPERATOR_PASSWORD, OPERATOR_USER
from stand.device import AUTH_TOPIC
from stand.raw_mqtt import RawClient, connect_packet
from stand.waiting import seconds

from .flood import Flood, publish, subscribe
from .scene import ATTACKER

OWN_ADDRESS = "127.0.0.1"  # where the service logs in from
_WRONG = "00112233445566778899AABBCCDDEEFF"


def _login(scene, credentials, address=ATTACKER, clean=True):
    """CONNACK's code and the connection."""
    client = RawClient(scene.stand.broker.port, address=address)
    client.send(connect_packet(*credentials, clean=clean))
    answer = client.receive()
    return (answer[1][1] if answer else None), client


def login_loop(scene, count, takeover=False):
    device = scene.device()
    credentials = device.v2_credentials()
    before, codes = None, []
    for _ in range(count):
        code, client = _login(scene, credentials)
        codes.append(code)
        if before:
            before.close()
        before = client if takeover and code == 0 else client.close()
    if before:
        before.close()
    return {"let_in": codes.count(0), "refused": count - codes.count(0)}


def made_up(scene, count):
    stand, product = scene.stand, scene.free_product.product_id

    def devices():
        return int(stand.database.sql(f"SELECT count(*) FROM device WHERE product_id = '{product}'")[0][0])
    before, floods = devices(), []
    for number in range(count):
        device = scene.made_up(f"Made{number:05d}")
        flood = Flood(stand.broker.port, device.auth_credentials(), address=ATTACKER)
        if flood.let_in:
            flood.send([subscribe([device.topic("downlink")]) + publish(AUTH_TOPIC, device.auth_request(number))])
            floods.append(flood)
    floods[-1].await_answers()
    answered = told = 0
    for flood in floods:
        codes = flood.codes()
        answered += codes.get("0", 0)
        told += sum(codes.values()) - codes.get("0", 0)
        flood.close()
    return {"let_in": len(floods), "answered": answered, "told": told, "devices": devices() - before}


def keep(scene, count):
    let_in = 0
    for number in range(count):
        code, client = _login(scene, scene.made_up(f"Keep{number:05d}").auth_credentials(), clean=False)
        let_in += code == 0
        client.close()
    return {"let_in": let_in}


def guesses(scene, tries, names, accounts):
    victim = scene.device()
    client_id, username, _ = right = victim.v2_credentials()
    guessed = [(ATTACKER, (client_id, username, _WRONG))] * tries
    guessed += [(ATTACKER, (client_id.replace(victim.node_eui, name), username.replace(victim.node_eui, name), _WRONG))
                for name in (f"Name{number:05d}" for number in range(names))]
    guessed += [(OWN_ADDRESS, (f"client{number}", f"account{number}", "guess")) for number in range(accounts)]
    let_in = 0
    for address, credentials in guessed:
        code, client = _login(scene, credentials, address)
        let_in += code == 0
        client.close()
    found = {"let_in": let_in}
    for name, address, credentials in (("victim", ATTACKER, right),
                                       ("account", OWN_ADDRESS, ("operator-there", OPERATOR_USER, OPERATOR_PASSWORD))):
        code, client = _login(scene, credentials, address)
        client.close()
        found[name] = "let in" if code == 0 else f"CONNACK {code}"
    return found


def tokens(scene, count):
    service = scene.stand.service
    good = "f00d" * 16  # never used before
    scene.stand.keep_secret(good, "API token of the attack")
    scene.stand.database.sql(f"INSERT INTO api_token (name, token_sha256, role) VALUES ('good', sha256('{good}'), 'admin')")

    def ask(token):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=seconds(20), source_address=(ATTACKER, 0))
        try:
            connection.request("GET", "/api/v1/vendors", headers={"Authorization": f"Bearer {token}"})
            return connection.getresponse().status
        finally:
            connection.close()
    let_in = sum(ask(f"guess{number}") == 200 for number in range(count))
    return {"let_in": let_in, "status": ask(good)}


ATTACKS = {"login_loop": login_loop, "made_up": made_up, "keep": keep, "guesses": guesses, "tokens": tokens}
