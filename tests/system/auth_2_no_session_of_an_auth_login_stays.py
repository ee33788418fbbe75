#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-2: the broker keeps no session of an AUTH- login that did not ask for a clean one: when it has ended, the service ends what
is left. A device that came back meanwhile keeps its connection, and so does everybody else."""
from stand import run
from stand.mqtt_client import MQTT5
from stand.waiting import wait_until

MANY = 200


def auth_2_no_session_of_an_auth_login_stays(stand):
    product = stand.product(auth_type=0)
    devices = [stand.device(product, registered=False) for _ in range(MANY)]
    for device in devices:
        assert not device.leaves_auth_session()
    for device in devices[::40]:
        wait_until(lambda one=device: not one.leaves_auth_session(), "the session to be gone", every=1.2)

    modern = devices[1].auth_client(version=MQTT5, session_expiry=604_800).connect()
    modern.disconnect()
    wait_until(lambda: not devices[1].leaves_auth_session(), "the session of MQTT 5 to be gone", every=1.2)

    stays = devices[0].auth_client(clean=False).connect()
    stays.must_subscribe(devices[0].topic("downlink"))
    assert devices[0].ask(stays, devices[0].auth_request())["Payload"]["Code"] == 0
    other = devices[1].auth_client(clean=False).connect()
    other.disconnect()
    assert devices[0].ask(stays, devices[0].auth_request())["Payload"]["Code"] == 0
    stays.disconnect()
    stand.broker.stop()
    assert (stand.broker.folder / "mosquitto.db").stat().st_size < 50 * MANY


run(auth_2_no_session_of_an_auth_login_stays)
