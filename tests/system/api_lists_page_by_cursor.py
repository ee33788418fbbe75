#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API: lists come page by page with a cursor, complete and without doubles though entries are added meanwhile;
devices can be filtered by state; messages can be followed with `after`."""
from stand import run
from stand.waiting import wait_until


def api_lists_page_by_cursor(stand):
    product = stand.product()
    names = [f"page{n:03d}" for n in range(57)]
    for name in names:
        stand.service.api("POST", f"/products/{product.product_id}/devices", {"node_eui": name})
    path = f"/products/{product.product_id}/devices"
    for limit in (1, 10, 19, 57, 58):
        assert [d["node_eui"] for d in stand.service.items(path, limit=limit)] == names, limit
    page = stand.service.api("GET", path, limit=10)
    assert len(page["items"]) == 10 and page["next_cursor"]
    stand.service.api("POST", path, {"node_eui": "page0000"})
    rest = stand.service.items(path, limit=10, cursor=page["next_cursor"])
    assert [d["node_eui"] for d in rest] == names[10:] or [d["node_eui"] for d in rest if d["node_eui"] != "page0000"] == names[10:]

    device = stand.device(product)
    stand.act(device, "disable")
    states = {state: {d["node_eui"] for d in stand.service.items(path, state=state)}
              for state in ("unactivated", "online", "offline", "disabled")}
    assert states["disabled"] == {device.node_eui} and len(states["unactivated"]) == 58, states
    assert states["online"] == states["offline"] == set()
    stand.act(device, "enable")
    client = device.login(subscribe=["uplink_ack"])
    wait_until(lambda: [d["node_eui"] for d in stand.service.items(path, state="online")] == [device.node_eui], "online")

    for number in range(25):
        device.send(client, "uplink", {"n": number}, number)
    assert [m["message_id"] for m in device.messages(limit=7)] == list(range(24, -1, -1)), "newest first"
    first = stand.service.api("GET", f"/devices/{device.name}/messages", limit=1)["items"][0]
    for number in range(25, 30):
        device.send(client, "uplink", {"n": number}, number)
    # A follower sees a row only when none older can still appear: not while any transaction before it is open,
    # in whichever database of the cluster. So it is asked until it has them.
    after = first["sequence"]
    for expected, limit in (([25, 26, 27], 3), ([28, 29], 10)):
        followed = wait_until(lambda: follow(stand, device, after, limit, len(expected)), "followed messages")
        assert [m["message_id"] for m in followed] == expected, "oldest first"
        after = followed[-1]["sequence"]


def follow(stand, device, after, limit, count):
    items = stand.service.api("GET", f"/devices/{device.name}/messages", after=after, limit=limit)["items"]
    return items if len(items) >= count else None


run(api_lists_page_by_cursor)
