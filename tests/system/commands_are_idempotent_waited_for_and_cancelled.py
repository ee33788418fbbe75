#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands over the API: an Idempotency-Key makes one command of a request that is sent again, and refuses another; `wait`
answers as soon as the command is settled, and holds nothing meanwhile; lists are newest first and by state; what is open can
be cancelled, what was sent with the warning that the device may still do it."""
import concurrent.futures

from stand import run
from stand.commands import acknowledge, in_state, noted, queue, receive, shown
from stand.waiting import wait_until


def commands_are_idempotent_waited_for_and_cancelled(stand):
    device = stand.device()
    client = device.login(subscribe=["downlink"])

    first = queue(device, "down", key="order-1", data={"n": 1})
    again = queue(device, "down", key="order-1", data={"n": 1}, expect=200)
    assert again["command_id"] == first["command_id"]
    problem = queue(device, "down", key="order-1", data={"n": 2}, expect=422)
    assert problem["type"] == "urn:xgate:problem:invalid" and "Idempotency-Key" in problem["detail"], problem
    assert queue(stand.device(device.product), "down", key="order-1", data=1)["command_id"] != first["command_id"]
    body = receive(device, client, "downlink")
    acknowledge(device, client, "downlink_ack", body["MessageId"])
    in_state(device, first, "done")
    assert queue(device, "down", key="order-1", data={"n": 1}, expect=200, wait=5)["state"] == "done"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        same = list(pool.map(lambda _n: stand.service.request(
            "POST", f"/api/v1/devices/{device.name}/commands", {"kind": "down", "data": "once"},
            headers={"Idempotency-Key": "race"}), range(8)))
    assert sorted(a.status for a in same) == [200] * 7 + [201], same
    assert len({a.json["command_id"] for a in same}) == 1
    once = receive(device, client, "downlink")
    acknowledge(device, client, "downlink_ack", once["MessageId"])
    assert client.unclaimed() == []

    # far more wait than there are workers; others are served meanwhile, and each is answered when it is settled
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        waiting = [pool.submit(queue, device, "down", expect=200, wait=60, data={"n": n}) for n in range(24)]
        frames = [receive(device, client, "downlink") for _n in waiting]
        assert not [w for w in waiting if w.done()]
        assert device.shown()["online"]
        for body in frames:
            acknowledge(device, client, "downlink_ack", body["MessageId"], Data=body["Payload"])
        for n, one in enumerate(waiting):
            done = one.result(timeout=30)
            assert done["state"] == "done" and done["result"] == {"n": n}, done

    # a wait that ends first shows the command as it is then
    over = queue(device, "down", wait=1, data="unanswered")
    assert over["state"] == "sent", over
    body = receive(device, client, "downlink")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        result = pool.submit(stand.service.api, "GET", f"/commands/{over['command_id']}", None, None, wait=60)
        cancelled = stand.service.api("POST", f"/commands/{over['command_id']}/cancel")
        assert result.result(timeout=30) == cancelled
    assert cancelled["state"] == "cancelled" and "may still do it" in cancelled["reason"], cancelled
    acknowledge(device, client, "downlink_ack", body["MessageId"])
    noted(device, "it is cancelled already")
    assert shown(device, over)["state"] == "cancelled"
    stand.service.api("POST", f"/commands/{over['command_id']}/cancel", expect=409)

    client.disconnect()
    wait_until(lambda: not device.shown()["online"], "offline")
    waits = queue(device, "down", data="never")
    stays = queue(device, "down", data="still")
    assert stand.service.api("POST", f"/commands/{waits['command_id']}/cancel")["sent_at"] is None
    client = device.login(subscribe=["downlink"])
    assert receive(device, client, "downlink")["MessageId"] == stays["message_id"]

    path = f"/devices/{device.name}/commands"
    ids = [c["command_id"] for c in stand.service.items(path, limit=7)]
    assert ids == sorted(ids, reverse=True) and len(ids) == 29, ids
    assert [c["command_id"] for c in stand.service.items(path, state="cancelled")] == [waits["command_id"],
                                                                                   over["command_id"]]
    for bad in ("?state=lost", "?cursor=x", "?wait=5"):
        assert stand.service.request("GET", f"/api/v1{path}{bad}").status == 400, bad
    assert stand.service.request("GET", f"/api/v1/commands/{over['command_id']}?wait=61").status == 400
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert 'xgate_commands_total{kind="down",state="cancelled"} 2' in metrics
    assert 'xgate_commands_total{kind="down",state="done"} 26' in metrics, metrics


run(commands_are_idempotent_waited_for_and_cancelled)
