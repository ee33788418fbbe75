#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-5: a device is deleted and registered anew under the same NodeEui, by the API or by itself: the session that the broker
stored for the former is not its own, also where broker and service were stopped meanwhile. It gets no command of the
former's."""
from stand import run
from stand.commands import queue
from stand.stored_session import KEPT, lose_link_at, only_what_is_new_comes


def _leave(device, kept):
    """A stored session, with a subscription and a command that was not acknowledged."""
    version, options = kept
    client = device.login(subscribe=["downlink"], version=version, **options)
    lose_link_at(client, device.topic("downlink"), lambda: queue(device, "down", data={"owner": "former"}))


def _begins_with_nothing(device, kept):
    version, options = kept
    client = device.login(version=version, **options)
    assert not client.session_present, "the former device's session"
    client.must_subscribe(device.topic("downlink"))
    only_what_is_new_comes(device, client)
    client.disconnect()
    again = device.login(version=version, **options)
    assert again.session_present, "its own session"
    only_what_is_new_comes(device, again)
    again.disconnect()


def _register(stand, device, secret=None):
    stand.service.api("DELETE", f"/devices/{device.name}")
    return stand.device(device.product, device.node_eui, secret)


def v2_5_a_device_registered_anew_begins_with_nothing(stand):
    for kept in KEPT:
        product = stand.product()
        device = stand.device(product)
        _leave(device, kept)
        device = _register(stand, device)
        _begins_with_nothing(device, kept)

        # with the same DeviceSecret, which another table may have brought back
        device = stand.device(product, device_secret="326086233FAB8A96566796551EB1DFF8")
        _leave(device, kept)
        device = _register(stand, device, device.device_secret)
        _begins_with_nothing(device, kept)

        # while it is connected
        former = device.login(version=kept[0], **kept[1])
        device = _register(stand, device, device.device_secret)
        _begins_with_nothing(device, kept)
        former.wait_closed()

        # by itself
        itself = stand.device(stand.product(auth_type=0))
        itself.authenticate()
        _leave(itself, kept)
        stand.service.api("DELETE", f"/devices/{itself.name}")
        itself.authenticate()
        _begins_with_nothing(itself, kept)

        # out of the file of a broker that was stopped, while the service is away
        device = stand.device(product)
        _leave(device, kept)
        stand.broker.stop()
        device = _register(stand, device)
        stand.service.stop()
        stand.broker.start()
        version, options = kept
        first = device.login(version=version, **options)
        assert not first.session_present, "the former device's session, out of the broker's file"
        first.disconnect()
        stand.service.start()
        client = device.login(subscribe=["downlink"], version=version, **options)
        only_what_is_new_comes(device, client)


run(v2_5_a_device_registered_anew_begins_with_nothing)
