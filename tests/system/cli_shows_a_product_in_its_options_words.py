#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate product show` prints each setting in the words that `product set` takes: what is shown can be set, and changes nothing. What
is learnt from devices or goes by the product's type is `auto`."""
from stand import run

OPTIONS = {"auth_type": "auth", "version": "protocol-version", "registration_rate_per_minute": "registration-rate"}
NO_OPTION = {"open_id", "product_id", "product_key", "self_registered", "created_at", "updated_at", "devices'"}


def cli_shows_a_product_in_its_options_words(stand):
    product = stand.product(auth_type=0, kind="hex", name="Meter")
    p = product.product_id

    def shown():
        lines = stand.xgate("product", "show", p).stdout.splitlines()
        return {name: value for name, value in (line.split(None, 1) for line in lines) if name not in NO_OPTION}

    fresh = shown()
    assert (fresh["key_reading"], fresh["reveal_device_secret"]) == ("auto", "auto"), fresh
    changed = ("--key-reading", "text_device_secret", "--reveal-device-secret", "off", "--registration-quota", "none",
               "--registration-rate", "none", "--allow-hash", "on", "--key-lifetime", "36h", "--enabled", "off", "--encrypted", "on")
    for settings in ((), changed, ("--key-reading", "auto", "--reveal-device-secret", "auto")):
        if settings:
            stand.xgate("product", "set", p, *settings)
            now = shown()
            for option, value in zip(settings[::2], settings[1::2]):
                name = {"--registration-rate": "registration_rate_per_minute"}.get(option, option[2:].replace("-", "_"))
                assert now[name] == value, (option, now)
        now = shown()
        for name, value in now.items():
            stand.xgate("product", "set", p, f"--{OPTIONS.get(name, name).replace('_', '-')}", value)
        assert shown() == now, "set as it was shown"


run(cli_shows_a_product_in_its_options_words)
