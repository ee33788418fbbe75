#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5, ID-7: a pre-registered device is unactivated; its first good V2_ login activates it; it is online while it
is connected, and offline with the time afterwards, whether it says goodbye or loses its power."""
from stand import run
from stand.waiting import wait_until


def v2_5_login_activates_and_shows_online(stand):
    device = stand.device(stand.product(auth_type=2))
    shown = device.shown()
    assert (shown["state"], shown["online"], shown["activated_at"]) == ("unactivated", False, None), shown
    device.auth_client().connect().disconnect()
    assert device.raw_login(type=1, timestamp=1 << 40)[0] == 5
    assert device.shown()["state"] == "unactivated", "neither an AUTH- login nor a refused one activates"

    client = device.login()
    shown = wait_until(lambda: (s := device.shown())["online"] and s, "the device online")
    assert shown["state"] == "online" and shown["offline_at"] is None, shown
    activated = shown["activated_at"]
    assert activated and shown["online_at"] == activated, shown
    client.disconnect()
    shown = wait_until(lambda: not (s := device.shown())["online"] and s, "the device offline")
    assert shown["state"] == "offline" and shown["offline_at"] >= shown["online_at"], shown

    second = device.login()
    again = wait_until(lambda: (s := device.shown())["online"] and s, "the device online again")
    assert again["activated_at"] == activated, "activated once"
    assert again["online_at"] >= shown["offline_at"], (again, shown)
    second.drop()
    wait_until(lambda: device.shown()["state"] == "offline", "the device offline after its power was lost")


run(v2_5_login_activates_and_shows_online)
