# SPDX-License-Identifier: Apache-2.0
"""Attacks while the service is away.

fill_queue  a device sends `loud` messages, another one `quiet` of them between; then the service comes back. Facts: refused
            (of the loud one's), quiet_lost (not acked with 200), dropped (by the broker itself)
"""
import itertools
import json

from stand.device import frame
from stand.waiting import DeadlinePassed

from .flood import Flood, publish


def fill_queue(scene, loud, quiet):
    stand = scene.stand
    busy, calm = scene.device(), scene.device()
    listening = calm.login(subscribe=["uplink_ack"])
    flood = Flood(stand.broker.port, busy.v2_credentials())
    packets = (publish(busy.topic("uplink"), frame(4, {"n": number}, number), 1, number % 65535 + 1)
               for number in itertools.count(1))
    stand.service.stop()
    sent = 0
    for number in range(quiet):
        sent += flood.send(itertools.islice(packets, loud // quiet))
        listening.publish(calm.topic("uplink"), frame(4, {"n": number}, number))
    flood.ended(0.2)
    flood.close()
    stand.service.start()
    acked = 0
    try:
        while acked < quiet:
            acked += json.loads(listening.next(calm.topic("uplink_ack")).payload)["Payload"]["Code"] == "200"
    except DeadlinePassed:
        pass
    listening.disconnect()
    kept = int(stand.database.sql(f"SELECT count(*) FROM message WHERE node_eui = '{busy.node_eui}'")[0][0])
    dropped = int(stand.service.metric("xgate_broker_dropped_total"))
    return {"sent": sent, "kept": kept, "quiet_lost": quiet - acked, "dropped": dropped}


ATTACKS = {"fill_queue": fill_queue}
