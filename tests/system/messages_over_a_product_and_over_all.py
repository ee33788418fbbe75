#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages can be read and followed over a device, a product and all, by time, topic and verdict, by the API and by `xgate`."""
import datetime

from stand import run
from stand.waiting import wait_until


def ids(items):
    return [item["message_id"] for item in items]


def follow(stand, path, position, count, **query):
    """`count` messages after the position, oldest first."""
    found = []
    while len(found) < count:
        page = wait_until(lambda: first_with_rows(stand, path, position, query), f"messages of {path}")
        found += page["items"]
        position = page["position"]
    return found


def first_with_rows(stand, path, position, query):
    page = stand.service.api("GET", path, after=position, **query)
    return page if page["items"] else None


def messages_over_a_product_and_over_all(stand):
    meters, lamps = stand.product(kind="json"), stand.product()
    meter, other, lamp = stand.device(meters), stand.device(meters), stand.device(lamps)
    everything = [("/messages", {}), (f"/products/{meters.product_id}/messages", {}), (f"/devices/{meter.name}/messages", {})]
    begin = {path: stand.service.api("GET", path, limit=1)["position"] for path, _ in everything}
    clients = {device: device.login(subscribe=["uplink_ack", "model/property/report_ack"]) for device in (meter, other, lamp)}
    meter.send(clients[meter], "uplink", {"n": 1}, 1)
    other.send(clients[other], "uplink", {"n": 2}, 2)
    lamp.send(clients[lamp], "uplink", {"n": 3}, 3)
    between = datetime.datetime.now(datetime.timezone.utc).isoformat()
    meter.send(clients[meter], "uplink", {"n": 4}, 4, header_ctrl=5)
    meter.send(clients[meter], "model/property/report", [], 5)
    meter.send(clients[meter], "uplink", {"n": 6}, 6)

    expected = {  # newest first: of all, of the product, of the device
        (): ([6, 5, 4, 3, 2, 1], [6, 5, 4, 2, 1], [6, 5, 4, 1]),
        (("topic", "uplink"),): ([6, 4, 3, 2, 1], [6, 4, 2, 1], [6, 4, 1]),
        (("topic", "model/#"),): ([5], [5], [5]),
        (("topic", "model/+/report"),): ([5], [5], [5]),
        (("topic", "+"),): ([6, 4, 3, 2, 1], [6, 4, 2, 1], [6, 4, 1]),
        (("topic", meter.topic("uplink")),): ([6, 4, 1], [6, 4, 1], [6, 4, 1]),
        (("topic", "report"),): ([], [], []),
        (("verdict", "accepted"),): ([6, 3, 2, 1], [6, 2, 1], [6, 1]),
        (("verdict", "refused"),): ([5, 4], [5, 4], [5, 4]),
        (("verdict", "4001"),): ([5, 4], [5, 4], [5, 4]),
        (("verdict", "FRAME-3"),): ([4], [4], [4]),
        (("verdict", "warning"),): ([], [], []),
        (("since", between),): ([6, 5, 4], [6, 5, 4], [6, 5, 4]),
        (("until", between),): ([3, 2, 1], [2, 1], [1]),
        (("since", between), ("verdict", "accepted"), ("topic", "uplink")): ([6], [6], [6])}
    for query, lists in expected.items():
        for (path, _), wanted in zip(everything, lists):
            listed = stand.service.items(path, limit=2, **dict(query))
            assert ids(listed) == wanted, (path, query, ids(listed))
            followed = follow(stand, path, begin[path], len(wanted), limit=2, **dict(query))
            assert ids(followed) == wanted[::-1], (path, query, followed)
    by_device = {item["message_id"]: item["device"] for item in stand.service.items("/messages")}
    assert by_device == {1: meter.name, 2: other.name, 3: lamp.name, 4: meter.name, 5: meter.name, 6: meter.name}, by_device

    for query in ({"topic": ""}, {"topic": "uplink*"}, {"topic": "mod+l/#"}, {"topic": "#/x"}, {"verdict": "bad"}, {"verdict": "-1"},
                  {"since": "yesterday"}, {"since": between, "until": between}):
        stand.service.api("GET", "/messages", expect=400, **query)
    stand.service.api("GET", "/products/FFFFFFFF/messages", expect=404)

    lines = stand.xgate("messages", meters.product_id, "--since", "1h", "--verdict", "refused").stdout.splitlines()
    assert len(lines) == 3 and all(meter.name in line and "✗ 4001" in line for line in lines[1:]), lines
    lines = stand.xgate("messages", "--topic", "uplink", "--limit", "2").stdout.splitlines()
    assert len(lines) == 3 and meter.name in lines[1] and '6}' in lines[2], lines
    cut = stand.xgate("messages", "--since", "1h", "--limit", "2")
    assert cut.stderr == "xgate: these are the newest 2 of that time; --limit shows more\n", cut
    refused = stand.xgate("messages", "--verdict", "good", ok=False)
    assert refused.returncode == 1 and "verdict must be accepted" in refused.stderr, refused


run(messages_over_a_product_and_over_all)
