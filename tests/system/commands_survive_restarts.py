#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands outlive the service and the broker, stopped or killed between any two of their steps: queued, sent, answered; none
is lost, none is done without its answer, and what is unanswered comes again in the device's next session."""
from stand import run
from stand.commands import acknowledge, in_state, queue, receive, shown
from stand.waiting import wait_until


def commands_survive_restarts(stand):
    device = stand.device()

    # queued → the service dies
    waiting = queue(device, "down", data={"n": 1})
    stand.service.kill()
    stand.service.start()
    client = device.login(subscribe=["downlink"])
    assert receive(device, client, "downlink")["MessageId"] == waiting["message_id"]

    # sent → the service dies; the device answers while there is none
    in_state(device, waiting, "sent")
    stand.service.kill()
    acknowledge(device, client, "downlink_ack", waiting["message_id"], Data={"while": "away"})
    stand.service.start()
    assert in_state(device, waiting, "done")["result"] == {"while": "away"}

    # to a device that stayed connected over the service's restart, commands go on
    more = queue(device, "down", data={"n": 2})
    assert receive(device, client, "downlink")["MessageId"] == more["message_id"]

    # sent → the broker dies: the device's next session brings it again
    for end in (stand.broker.stop, stand.broker.kill):
        end()
        client.wait_closed()
        during = queue(device, "down", data={"n": 3})
        stand.broker.start()
        wait_until(stand.service.ready, "the service ready again")
        client = device.login(subscribe=["downlink"])
        got = [receive(device, client, "downlink")["MessageId"] for _n in range(2)]
        assert got == [more["message_id"], during["message_id"]], got
        acknowledge(device, client, "downlink_ack", during["message_id"])
        in_state(device, during, "done")
    acknowledge(device, client, "downlink_ack", more["message_id"])
    assert in_state(device, more, "done")["tries"] == 3

    # both at once, with the answer only the broker has
    last = queue(device, "down", data={"n": 4})
    receive(device, client, "downlink")
    stand.service.stop()
    acknowledge(device, client, "downlink_ack", last["message_id"])
    stand.service.start()
    assert in_state(device, last, "done")["tries"] == 1
    assert client.unclaimed() == []


run(commands_survive_restarts)
