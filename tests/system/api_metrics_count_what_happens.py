#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""/metrics speaks Prometheus' text format and counts messages and refused logins."""
import re

from stand import run


def api_metrics_count_what_happens(stand):
    device = stand.device()
    client = device.login(subscribe=["uplink_ack"])

    def samples():
        answer = stand.service.request("GET", "/metrics", token=None)
        assert answer.headers["Content-Type"].startswith("text/plain"), answer.headers
        found = {}
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#"):
                match = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{.*\})?) (\S+)", line)
                assert match, line
                found[match[1]] = float(match[2])
        return found

    before = samples()
    assert any(name.startswith("xgate_") for name in before), list(before)[:10]
    for number in range(10):
        device.send(client, "uplink", {"n": number})
    after = samples()
    assert any(after[name] - before.get(name, 0) >= 10 for name in after if "message" in name), \
        {name: value for name, value in after.items() if name.startswith("xgate_")}
    text = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert not [secret for secret in stand.secrets if secret in text], "a secret in the metrics"


run(api_metrics_count_what_happens)
