#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: an open command says what it waits for, by the API in a word and a sentence, by the command line in what `send`,
`commands` and `command show` print, in English and Chinese; one that expires says what it waited for until then."""
import json

from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.waiting import wait_until


def waits_for(device, command, word, sentence):
    now = wait_until(lambda: (s := shown(device, command))["waiting_for"] == word and s,
                     f"command {command['command_id']} to wait for {word}: {shown(device, command)}", every=0.05)
    assert now["reason"] == sentence and now["settled_at"] is None, now


def expired(device, command, word, sentence):
    now = in_state(device, command, "expired")
    assert (now["waiting_for"], now["reason"], now["tries"]) == (word, sentence, 0), now


def of_who_is_there_and_listens(stand):
    device = stand.device(stand.product(kind="json"))
    waiting = queue(device, "call", service="switch")
    away = queue(device, "down", data=1, ttl_s=1)
    waits_for(device, waiting, "online", "the device is offline")
    expired(device, away, "online", "the device was not online before its time to live was over")

    client = device.login(subscribe=["downlink"])
    topic = device.topic("model/service/switch")
    waits_for(device, waiting, "subscription", f"the device has not subscribed to {topic}")
    unheard = queue(device, "call", service="switch", ttl_s=1)
    expired(device, unheard, "subscription", f"the device was online, but did not subscribe in time to {topic}")
    # who was there meanwhile and is gone by then did not fail to come
    gone = queue(device, "call", service="switch", ttl_s=5)
    client.disconnect()
    waits_for(device, gone, "online", "the device is offline")
    expired(device, gone, "subscription", f"the device was online, but did not subscribe in time to {topic}")

    client = device.login(subscribe=["model/service/+"])
    got = receive(device, client, "model/service/switch")
    waits_for(device, waiting, "answer", None)
    acknowledge(device, client, "model/service/switch/ack", got["MessageId"], header_ctrl=21)
    assert in_state(device, waiting, "done")["waiting_for"] is None
    unanswered = queue(device, "call", service="switch", ttl_s=1)
    now = in_state(device, unanswered, "expired")
    assert (now["waiting_for"], now["reason"]) == ("answer", "the device did not answer in time"), now


def of_who_is_disabled(stand):
    vendor = stand.vendor()
    product = stand.product(open_id=vendor)
    device = stand.device(product)
    waiting, over = queue(device, "down", data=1), queue(device, "down", data=1, ttl_s=5)
    stand.act(device, "disable")
    waits_for(device, waiting, "device_enabled", "the device is disabled")
    expired(device, over, "device_enabled", "it was not sent before its time to live was over: the device was disabled")
    stand.change_product(product, enabled=False)
    waits_for(device, waiting, "product_enabled", "the product is disabled")
    stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": False})
    waits_for(device, waiting, "vendor_enabled", "the vendor is disabled")
    stand.service.api("PATCH", f"/vendors/{vendor}", {"enabled": True})
    stand.change_product(product, enabled=True)
    stand.act(device, "enable")
    client = device.login(subscribe=["downlink"])
    assert receive(device, client, "downlink")["MessageId"] == waiting["message_id"]


def of_who_has_no_key(stand):
    device = stand.device(stand.product(encrypted=True))
    device.login(subscribe=["downlink"])
    waiting = queue(device, "down", data=1, encrypt=True)
    over = queue(device, "down", data=1, encrypt=True, ttl_s=3)
    waits_for(device, waiting, "session_key",
              "the device has no session key to encrypt it with: it has to authenticate and log in again (AUTH-3)")
    expired(device, over, "session_key", "the device was online, but had no session key to encrypt it with (AUTH-3)")
    device.authenticate()
    client = device.login(subscribe=["downlink"])
    assert receive(device, client, "downlink")["Payload"] == device.seal({"data": 1})


def on_the_command_line(stand):
    device = stand.device()
    sent = stand.xgate("send", device.name, "down", "--data", "1").stdout
    assert " is queued: the device is offline; its result: xgate command show " in sent, sent
    waited = stand.xgate("send", device.name, "down", "--data", "1", "--wait", "1s", ok=False)
    assert waited.returncode == 3 and waited.stderr.rstrip().endswith(": the device is offline"), waited
    number = json.loads(stand.xgate("commands", device.name, "--limit", "1", "--json").stdout)[0]["command_id"]
    lines = dict(line.split(None, 1) for line in stand.xgate("command", "show", str(number)).stdout.splitlines())
    assert (lines["waiting_for"], lines["reason"]) == ("online", "the device is offline"), lines
    assert "the device is offline" in stand.xgate("commands", device.name).stdout
    assert "设备离线" in stand.xgate("commands", device.name, "--lang", "zh").stdout
    for path, of in ((f"/api/v1/commands/{number}", lambda body: body), (f"/api/v1/devices/{device.name}/commands",
                                                                       lambda body: body["items"][0])):
        answer = stand.service.request("GET", path, headers={"Accept-Language": "zh-CN"})
        assert of(answer.json)["reason"] == "设备离线", answer


def commands_say_why_they_wait(stand):
    of_who_is_there_and_listens(stand)
    of_who_is_disabled(stand)
    of_who_has_no_key(stand)
    on_the_command_line(stand)


run(commands_say_why_they_wait)
