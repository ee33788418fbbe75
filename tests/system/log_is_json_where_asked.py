#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With [log] format = "json" every line of the service's log is a JSON object; refusals carry their requirement. What clients say stands
in it as JSON escapes: a program reads the very same text, and a terminal obeys nothing of it."""
import json
import unicodedata

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

    topic = device.topic('x" \u202e\u2066\u061c\u200f\u2028\ufeff')
    client.publish(topic, b"{}")
    said = wait_until(lambda: [line["message"] for line in lines() if "violation TOPIC" in line["message"]],
                      "the refused topic in the log")
    assert f'topic="{topic.replace(chr(34), chr(92) + chr(34))}" reason="' in said[0], said
    log = stand.service.process.log()
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in log.replace("\n", "")), log
    assert r"\u202e\u2066\u061c\u200f\u2028\ufeff" in log, log


run(log_is_json_where_asked, log_format="json")
