#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The database stops: logins go on from memory, auth says Code 1, time is told, nothing is acked that is not stored;
it starts again: everything sent meanwhile is stored and acked, and auth succeeds."""
from stand import run
from stand.device import frame
from stand.waiting import wait_until

SENT = 200


def database_away_logins_go_on_and_auth_is_busy(stand):
    product = stand.product(auth_type=0)
    device, sleeper, newcomer = stand.device(product), stand.device(product), stand.device(product)
    device.authenticate()
    sleeper.authenticate()
    client = device.login(subscribe=["uplink_ack", "firmware_report_ack"])
    assert device.send(client, "uplink", {"n": 0}, 0)["Payload"]["Code"] == "200"
    asker = newcomer.auth_client().connect().must_subscribe(newcomer.topic("downlink"))

    stand.cluster.stop()
    wait_until(lambda: not stand.service.ready(), "readyz to tell")
    assert stand.service.request("GET", "/livez", token=None).status == 200, "it lives"
    assert sleeper.raw_login()[0] == 0, "a login from memory"
    for number in range(1, SENT + 1):
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), wait=False)
    client.publish(device.topic("firmware_report"),
                   frame(8, {"HardVer": "h", "SoftVer": "during", "Type": 2}, 9000), wait=False)
    for _attempt in range(3):
        reply = newcomer.ask(asker, newcomer.auth_request())
        assert reply["Payload"] == {"Code": 1}, reply
    acks = [body for topic, body in client.unclaimed()]
    assert not acks, f"acked while nothing could be stored: {acks[:3]}"

    stand.cluster.start()
    for number in range(1, SENT + 1):
        assert device.ack(client, "uplink", number, timeout=60)["Payload"]["Code"] == "200"
    assert device.ack(client, "firmware_report", 9000)["Payload"]["Code"] == "200"
    stored = stand.database.sql("SELECT message_id FROM message WHERE code = '200' AND topic LIKE '%/uplink' "
                                "ORDER BY sequence")
    assert [int(row[0]) for row in stored] == list(range(SENT + 1)), "in order, none missing, none twice"

    def answered():
        reply = newcomer.ask(asker, newcomer.auth_request())["Payload"]
        newcomer.learn(reply)
        return reply["Code"] == 0
    wait_until(answered, "auth to succeed again")
    wait_until(stand.service.ready, "ready again")
    newcomer.login().disconnect()
    wait_until(lambda: sleeper.shown()["state"] in ("online", "offline"), "presence caught up")


run(database_away_logins_go_on_and_auth_is_busy, database="own")
