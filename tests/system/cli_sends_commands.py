#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line tells and asks devices: each word of `xgate send` becomes its command; --wait ends with 0 when it was done and
with 3 when it was not; commands are listed, shown and cancelled, and the device's settings shown."""
import concurrent.futures
import json

from stand import run
from stand.commands import acknowledge, queue, receive
from stand.device import frame
from stand.waiting import wait_until


def cli_sends_commands(stand):
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["+", "model/property/set", "model/property/ask", "model/service/+"])

    def send(*words, ok=True):
        return stand.xgate("send", device.name, *words, ok=ok)

    table = [
        (["down", "--data", '{"on":1}'], "downlink", 7, {"on": 1}),
        (["down", "--data", '"text"'], "downlink", 7, {"data": "text"}),
        (["set", "temp=25", "mode=auto", 'note="25"'], "model/property/set", 20,
         {"params": [{"identify": "mode", "value": "auto"}, {"identify": "note", "value": "25"},
                     {"identify": "temp", "value": "25"}]}),
        (["ask", "temp", "humi"], "model/property/ask", 23, {"params": ["temp", "humi"]}),
        (["call", "switch", "on=1", "why=it is dark"], "model/service/switch", 21,
         {"servicIdentify": "switch", "params": {"on": 1, "why": "it is dark"}}),
        (["config-get"], "ask_config", 14, {}),
        (["config-set", '{"Port":7200}'], "down_config", 14, {"Settings": {"Port": 7200}}),
        (["firmware-ask"], "ask_firmware", 13, {}),
    ]
    for words, topic, header_ctrl, payload in table:
        shown = json.loads(send(*words, "--json", "--ttl", "1h").stdout)
        body = receive(device, client, topic)
        assert (body["HeaderCtrl"], body["Payload"]) == (header_ctrl, payload), (words, body)
        assert shown["message_id"] == body["MessageId"] and shown["device"] == device.name, shown

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for code, status in (("200", 0), ("4001", 3)):
            waiting = pool.submit(send, "down", "--data", "1", "--wait", "30s", "--json", ok=False)
            body = receive(device, client, "downlink")
            acknowledge(device, client, "downlink_ack", body["MessageId"], code=code, msg="full", Data={"a": 1})
            ran = waiting.result()
            assert ran.returncode == status, ran
            assert json.loads(ran.stdout)["result"] == {"a": 1}, ran
            assert (": full" in ran.stderr) == (status == 3), ran
        for code, said in (("200", 'command {} is done: {{"a":1}}'), ("4001", '{{"a":1}}')):
            waiting = pool.submit(send, "down", "--data", "1", "--wait", "90s", ok=False)
            body = receive(device, client, "downlink")
            acknowledge(device, client, "downlink_ack", body["MessageId"], code=code, msg="full", Data={"a": 1})
            newest = json.loads(stand.xgate("commands", device.name, "--limit", "1", "--json").stdout)[0]["command_id"]
            assert waiting.result().stdout == said.format(newest) + "\n", waiting.result()
    short = send("down", "--data", "1", "--ttl", "1h").stdout
    assert short.count("\n") == 1 and "its result: xgate command show" in short, short
    receive(device, client, "downlink")
    none = send("down", "--data", "1", "--ttl", "0s", ok=False)
    assert none.returncode == 2 and '"0s" is no time at all; the least is 1s' in none.stderr, none
    ran = send("down", "--data", "1", "--wait", "1s", ok=False)
    assert ran.returncode == 3 and "is still sent" in ran.stderr, ran
    receive(device, client, "downlink")
    assert send("down", "--data", "{", ok=False).returncode == 2
    assert send("set", "temp", ok=False).returncode == 2
    assert send("ask", ok=False).returncode == 2
    refused = send("down", "--data", "1", "--encrypt", ok=False)
    assert refused.returncode == 1 and "plain" in refused.stderr, refused

    listed = stand.xgate("commands", device.name)
    assert "switch" in listed.stdout and "full" in listed.stdout, listed
    failed = json.loads(stand.xgate("commands", device.name, "--state", "failed", "--json").stdout)
    assert [c["reason"] for c in failed] == ["full"] * 2, failed
    one = queue(device, "down", data="x")
    assert "down" in stand.xgate("command", "show", str(one["command_id"])).stdout
    assert "cancelled" in stand.xgate("command", "cancel", str(one["command_id"])).stdout
    assert stand.xgate("command", "cancel", str(one["command_id"]), ok=False).returncode == 1

    assert stand.xgate("config", device.name, ok=False).returncode == 1
    client.publish(device.topic("config_report"), frame(14, {"Settings": {"Port": 7200}}, 1))
    wait_until(lambda: "7200" in stand.xgate("config", device.name, ok=False).stdout, "the settings shown")


run(cli_sends_commands)
