#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DOWN-1: a downlink leaves as the source has it and is settled by its ack, on either of the two names: Code 200 done,
any other failed, with the device's Data and Msg; acks that are late, doubled, of another device or on another flow's topic
change nothing."""
from stand import run
from stand.commands import acknowledge, in_state, noted, queue, receive, shown

NAMES = [("section", "downlink", "downlink_ack"), ("section", "downlink", "downloadlink_ack"),
         ("table", "downloadlink", "downloadlink_ack"), ("table", "downloadlink", "downlink_ack")]


def down_1_is_settled_by_its_ack(stand):
    for names, topic, ack in NAMES:
        device = stand.device(stand.product(kind="json", topic_names=names))
        client = device.login(subscribe=[topic])
        command = queue(device, "down", data="13234234. ....")
        assert (command["kind"], command["device"], command["service"]) == ("down", device.name, None)
        assert command["state"] in ("queued", "sent") and command["settled_at"] is None, command
        body = receive(device, client, topic)
        assert body["HeaderCtrl"] == 7 and body["Payload"] == {"data": "13234234. ...."}, body
        assert body["MessageId"] == command["message_id"] and command["topic"] == device.topic(topic)
        assert in_state(device, command, "sent")["tries"] == 1
        acknowledge(device, client, ack, body["MessageId"], Data={"seen": 1})
        done = in_state(device, command, "done")
        assert (done["code"], done["result"], done["answers"]) == ("200", {"seen": 1}, 1), done
        assert done["created_at"] <= done["sent_at"] <= done["received_at"] == done["settled_at"], done

    # an object is the Payload itself; an id comes back as text, a Code as a number
    failing = queue(device, "down", data={"on": 1, "list": [1, 2]})
    body = receive(device, client, topic)
    assert body["Payload"] == {"on": 1, "list": [1, 2]}, body
    acknowledge(device, client, ack, str(body["MessageId"]), code=4001, msg="no such lamp")
    failed = in_state(device, failing, "failed")
    assert (failed["code"], failed["reason"]) == ("4001", "no such lamp"), failed

    # the number in another form, as JavaScript and C print what they hold as a double
    for written in ("%d.0", "%.9e"):
        command = queue(device, "down", data=written)
        number = receive(device, client, topic)["MessageId"]
        client.publish(device.topic(ack), '{"MessageId":%s,"HeaderCtrl":7.0,"Payload":{"Code":200.0},"Version":"2.0"}' % (written % number))
        assert in_state(device, command, "done")["code"] == "200"

    # late, twice: recorded and harmless
    acknowledge(device, client, ack, body["MessageId"])
    late = noted(device, f"too late for command {failing['command_id']}: it is failed already")
    assert all(message["warning"] for message in late), late
    assert "! too late for" in stand.xgate("messages", device.name).stdout
    late = shown(device, failing)
    assert (late["state"], late["code"], late["answers"]) == ("failed", "4001", 2), late

    # of another device, on another flow's topic, of a command that never was
    command = queue(device, "down", data=1)
    body = receive(device, client, topic)
    other = stand.device(device.product)
    stranger = other.login()
    acknowledge(other, stranger, ack, body["MessageId"])
    acknowledge(device, client, "model/property/set_ack", body["MessageId"])
    acknowledge(device, client, ack, body["MessageId"] ^ 1)
    client.publish(device.topic(ack), f'{{"MessageId":{body["MessageId"]},"HeaderCtrl":7,"Payload":{{}},"Version":"2.0"}}')
    acknowledge(device, client, ack, body["MessageId"])
    done = in_state(device, command, "done")
    assert done["answers"] == 1, done
    violations = [m for m in device.messages() if m["requirement"]]
    assert [m["requirement"] for m in violations] == ["FRAME-4"], violations
    assert client.unclaimed() == []


run(down_1_is_settled_by_its_ack)
