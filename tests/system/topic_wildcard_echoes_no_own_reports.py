#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Section 4: whatever the filter, a device is delivered only topics of its subscribe column: T/+ brings the
platform's messages and never its own reports."""
from stand import run
from stand.device import PUBLISH, SUBSCRIBE


def topic_wildcard_echoes_no_own_reports(stand):
    device = stand.device()
    platform = stand.operator()
    client = device.login(subscribe=["+"])
    for suffix in PUBLISH:
        client.publish(device.topic(suffix), b"mine")
        platform.publish(device.topic(suffix), b"somebody's")
    one_level = [suffix for suffix in SUBSCRIBE if "/" not in suffix]
    for suffix in one_level:
        platform.publish(device.topic(suffix), b"platform's")
    heard = [client.next(where=lambda m: m.payload == b"platform's").topic for _suffix in one_level]
    assert sorted(heard) == sorted(device.topic(suffix) for suffix in one_level)
    echoes = [m for m in client.unclaimed() if m[0] in [device.topic(suffix) for suffix in PUBLISH]]
    assert not echoes, echoes


run(topic_wildcard_echoes_no_own_reports)
