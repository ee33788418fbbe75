#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PROP-2, SVC-1 on a product without a model: each leaves in the source's shape on its own topic and is settled by the flow's
own answer; what cannot be meant is refused before anything is stored."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive
from stand.device import frame


def prop_2_svc_1_are_settled_by_their_answers(stand):
    device = stand.device(stand.product(kind="json"))
    client = device.login(subscribe=["model/property/set", "model/service/+"])

    command = queue(device, "set", params={"temp": 100, "mode": "auto", "on": True, "range": {"low": 1}})
    body = receive(device, client, "model/property/set")
    assert body["HeaderCtrl"] == 20 and body["MessageId"] == command["message_id"], body
    values = {p["identify"]: p["value"] for p in body["Payload"]["params"]}
    assert list(body["Payload"]) == ["params"] and all(list(p) == ["identify", "value"] for p in body["Payload"]["params"])
    assert values == {"temp": "100", "mode": "auto", "on": "true", "range": {"low": 1}}, body
    acknowledge(device, client, "model/property/set_ack", body["MessageId"], Data={"temp": "100"})
    done = in_state(device, command, "done")
    assert done["result"] == {"temp": "100"} and done["request"]["params"]["temp"] == 100, done
    refused = queue(device, "set", params={"temp": 1})
    acknowledge(device, client, "model/property/set_ack", receive(device, client, "model/property/set")["MessageId"],
                code="4001", msg="Failed", Data={})
    assert in_state(device, refused, "failed")["reason"] == "Failed"

    command = queue(device, "call", service="switch", params={"on": 1})
    body = receive(device, client, "model/service/switch")
    assert body["HeaderCtrl"] == 21 and body["Payload"] == {"servicIdentify": "switch", "params": {"on": 1}}, body
    other = "model/service/other/ack"
    client.publish(device.topic(other), frame(21, {"Code": "200", "Msg": "SUCCESS"}, body["MessageId"]))
    acknowledge(device, client, "model/service/switch/ack", body["MessageId"], Data={"was": 0})
    done = in_state(device, command, "done")
    assert (done["service"], done["result"], done["answers"]) == ("switch", {"was": 0}, 1), done
    without = queue(device, "call", service="reset")
    assert receive(device, client, "model/service/reset")["Payload"] == {"servicIdentify": "reset", "params": {}}
    assert in_state(device, without, "sent")["topic"] == device.topic("model/service/reset")

    for kind, members in [("set", {"params": {"temp": 1}}), ("ask", {"params": ["temp"]}), ("call", {"service": "x"})]:
        problem = queue(stand.device(), kind, expect=422, **members)
        assert problem["errors"][0]["pointer"] == "/kind", problem
    for kind, members, pointer in [("set", {}, "/params"), ("set", {"params": {}}, "/params"),
                                   ("ask", {"params": ["a b"]}, "/params"), ("call", {"service": "a/b"}, "/service"),
                                   ("call", {"params": {}}, "/service"), ("down", {}, "/data"),
                                   ("config_set", {"settings": []}, "/settings"), ("ota_notify", {}, "/kind"),
                                   ("down", {"data": 1, "ttl_s": 0}, "/ttl_s"), ("down", {"data": 1, "colour": 1}, "/colour")]:
        problem = queue(device, kind, expect=422, **members)
        assert pointer in [e["pointer"] for e in problem["errors"]], (kind, members, problem)


run(prop_2_svc_1_are_settled_by_their_answers)
