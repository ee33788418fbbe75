#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TRACE-1: the topic that was refused is told whole, in `xgate refusals` on a terminal and in a pipe, in the API and in the broker's
log; every blank in it is seen."""
from stand import run
from stand.mqtt_client import MQTT5
from stand.terminal import on_a_terminal
from stand.waiting import wait_until


def seen(topic):
    return topic.replace(" ", "␣").replace("\u3000", "\\u3000").replace("\u00a0", "\\u00a0")


def cli_shows_refused_topics_whole(stand):
    product = stand.product()
    device, other = stand.device(product), stand.device(product)
    own = [device.topic(suffix) for suffix in
           ("uplink ", " uplink", "up link", "uplink\u3000", "up\u00a0link", "/uplink", "model//property/report", "uplink/", "downlink", "")]
    topics = own + [f"{device.root} /uplink", other.topic("uplink"), device.topic("uplink")[1:], "uplink", "/"]
    client = device.login(version=MQTT5)
    for topic in topics:
        client.publish(topic, b"{}")
    filters = [device.topic("downlink "), "/sys/#"]
    for wanted in filters:
        assert client.subscribe(wanted)[0] >= 128, wanted
    rows = wait_until(lambda: (found := stand.service.items("/refusals")) and len(found) == len(topics + filters) and found, "the refusals")
    assert sorted(row["topic"] for row in rows) == sorted(topics + filters), rows

    log = stand.broker.process.log()
    piped = stand.xgate("refusals").stdout.splitlines()[1:]
    terminal = "".join(line[15:].strip() if line.startswith("  ") else f"\n{line}\n" for line in on_a_terminal(stand, 100, "refusals"))
    for topic in topics + filters:
        assert f'topic "{topic}"' in log, topic
        assert any(seen(topic) in line.split() for line in piped), (topic, piped)
        assert seen(topic) in terminal, (topic, terminal)


run(cli_shows_refused_topics_whole)
