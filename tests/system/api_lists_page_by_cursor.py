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
    position = stand.service.api("GET", f"/devices/{device.name}/messages", limit=1)["position"]
    for number in range(25, 30):
        device.send(client, "uplink", {"n": number}, number)
    followed = []
    # A follower sees a row a moment after it is stored, in pages as they come.
    while len(followed) < 5:
        page = wait_until(lambda: follow(stand, device, position), "followed messages")
        followed += [m["message_id"] for m in page["items"]]
        position = page["position"]
    assert followed == list(range(25, 30)), "oldest first"


def follow(stand, device, position):
    page = stand.service.api("GET", f"/devices/{device.name}/messages", after=position, limit=3)
    assert len(page["items"]) <= 3
    return page if page["items"] else None


run(api_lists_page_by_cursor)
