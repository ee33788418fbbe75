#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AUTH-5: the reply to an auth request, which may carry a DeviceSecret, goes to the MQTT session that asked and to no later
one under the same name."""
import json
import signal

from stand import run
from stand.device import AUTH_TOPIC
from stand.mqtt_client import MQTT5, MQTT311


def auth_5_a_reply_is_for_the_login_that_asked(stand):
    device = stand.device(stand.product(auth_type=0))
    for version, options in ((MQTT311, {}), (MQTT311, {"clean": False}), (MQTT5, {"clean": False, "session_expiry": 600})):
        asker = device.auth_client(version, **options).connect()
        asker.must_subscribe(device.topic("downlink"))
        stand.service.process.send_signal(signal.SIGSTOP)
        asker.publish(AUTH_TOPIC, device.auth_request(message_id=1))
        asker.drop()
        later = device.auth_client(version, **options).connect()
        later.must_subscribe(device.topic("downlink"))
        stand.service.process.send_signal(signal.SIGCONT)
        reply = device.ask(later, device.auth_request(message_id=2))
        assert reply["Payload"]["Code"] == 0, reply
        device.learn(reply["Payload"])
        others = [json.loads(payload)["MessageId"] for _topic, payload in later.unclaimed()]
        assert others == [], f"the reply to an earlier login's request: {others}"
        later.disconnect()


run(auth_5_a_reply_is_for_the_login_that_asked)
