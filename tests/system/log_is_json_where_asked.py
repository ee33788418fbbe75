#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With [log] format = "json" every line of the service's log is a JSON object; refusals carry their requirement."""
import json

from stand import run
from stand.waiting import wait_until


def log_is_json_where_asked(stand):
    device = stand.device()
    assert device.raw_login(type=1, timestamp=1 << 40)[0] == 5
    stand.refused("V2-3", node_eui=device.node_eui)
    client = device.login(subscribe=["uplink_ack"])
    device.send_raw(client, "uplink", '{"MessageId":"line\\nbreak","HeaderCtrl":5,"Payload":"\\u001b[31m","Version":"2.0"}',
                    "line\nbreak")

    def lines():
        return [json.loads(line) for line in stand.service.process.log().splitlines()]
    wait_until(lambda: [line for line in lines() if "V2-3" in json.dumps(line)], "the refusal in the log")
    assert all(isinstance(line, dict) for line in lines())
    wait_until(lambda: [line for line in lines() if "FRAME-3" in json.dumps(line)], "the violation in the log")


run(log_is_json_where_asked, log_format="json")
