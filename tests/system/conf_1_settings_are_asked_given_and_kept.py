#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CONF-1: the settings are asked for and given, both settled by the config_report that answers, with its MessageId or as the
first that comes after; what the device reported last is kept, also unasked. Encrypted devices encrypt their report (ENC-3)."""
from stand import run
from stand.commands import in_state, queue, receive
from stand.device import frame
from stand.waiting import wait_until

SETTINGS = {"Host": "10.200.0.135", "Port": 7200}


def conf_1_settings_are_asked_given_and_kept(stand):
    for names, topic in (("section", "down_config"), ("table", "download_config")):
        device = stand.device(stand.product(topic_names=names))
        client = device.login(subscribe=["ask_config", topic])
        assert stand.service.request("GET", f"/api/v1/devices/{device.name}/config").status == 404

        def kept(settings):
            def there():
                answer = stand.service.request("GET", f"/api/v1/devices/{device.name}/config")
                return answer.status == 200 and answer.json["settings"] == settings and answer.json
            return wait_until(there, f"{settings} kept")

        def report(settings, message_id=None):
            client.publish(device.topic("config_report"), frame(14, {"Settings": settings}, message_id))

        report({"unasked": True}, 1)
        assert kept({"unasked": True})["device"] == device.name

        command = queue(device, "config_get")
        body = receive(device, client, "ask_config")
        assert body["HeaderCtrl"] == 14 and body["Payload"] == {}, body
        report(SETTINGS, body["MessageId"])
        assert in_state(device, command, "done")["result"] == SETTINGS
        kept(SETTINGS)

        command = queue(device, "config_set", settings={"Port": 7300})
        body = receive(device, client, topic)
        assert body["HeaderCtrl"] == 14 and body["Payload"] == {"Settings": {"Port": 7300}}, body
        report({**SETTINGS, "Port": 7300}, 77)  # a firmware that counts its own: the first report after it
        assert in_state(device, command, "done")["result"] == {**SETTINGS, "Port": 7300}
        kept({**SETTINGS, "Port": 7300})

        first, second = queue(device, "config_get"), queue(device, "config_get")
        for _n in range(2):
            body = receive(device, client, "ask_config")
        report({"n": 2}, second["message_id"])  # its number says which
        in_state(device, second, "done")
        report({"n": 1}, 5)
        assert in_state(device, first, "done")["result"] == {"n": 1}
        client.publish(device.topic("config_report"), frame(14, {"Host": "no Settings"}, 6))
        wait_until(lambda: [m for m in device.messages() if m["requirement"] == "CONF-1"], "the violation on record")

    sealed = stand.device(stand.product(encrypted=True))
    sealed.authenticate()
    client = sealed.login(subscribe=["ask_config"])
    command = queue(sealed, "config_get", encrypt=True)
    assert receive(sealed, client, "ask_config")["Payload"] == sealed.seal({})
    client.publish(sealed.topic("config_report"), frame(14, sealed.seal({"Settings": SETTINGS}), command["message_id"]))
    assert in_state(sealed, command, "done")["result"] == SETTINGS


run(conf_1_settings_are_asked_given_and_kept)
