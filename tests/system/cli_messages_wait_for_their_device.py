#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate messages P.N --follow` before the device exists says that it waits, and shows the device's messages from the first
one on; so for a product. Without --follow what does not exist is an error."""
import signal
import subprocess

from stand import builds, run
from stand.waiting import seconds, wait_until


class Follow:
    def __init__(self, stand, scope):
        self.out, self.err = (stand.folder / f"follow-{scope}.{end}" for end in ("out", "err"))
        self.process = subprocess.Popen(
            [builds.XGATE, "messages", scope, "--follow"], stdin=subprocess.DEVNULL, stdout=self.out.open("w"),
            stderr=self.err.open("w"), env={**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                                            "XGATE_TOKEN_FILE": str(stand.service.token_file)})

    def shows(self, text):
        wait_until(lambda: text in self.out.read_text(encoding="utf-8"), f"{text} in the follow")

    def waits(self):
        wait_until(lambda: self.err.read_text(encoding="utf-8").endswith("\n"), "a sentence about waiting")
        return self.err.read_text(encoding="utf-8")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=seconds(20)) == 0, self.err.read_text()


def cli_messages_wait_for_their_device(stand):
    product = stand.product(product_id="AA30C505")
    absent = stand.xgate("messages", "AA30C505.Meter001", ok=False)
    assert absent.returncode == 1 and absent.stderr == "xgate: there is no device AA30C505.Meter001\n", absent
    of_device, of_product = Follow(stand, "AA30C505.Meter001"), Follow(stand, "BB30C505")
    assert of_device.waits() == "xgate: there is no device AA30C505.Meter001; waiting for it\n", of_device.waits()
    assert of_product.waits() == "xgate: there is no product BB30C505; waiting for it\n", of_product.waits()

    other = stand.device(product, node_eui="Meter002")
    other.send(other.login(subscribe=["uplink_ack"]), "uplink", {"of": "another"}, 1)
    device = stand.device(product, node_eui="Meter001")
    device.send(device.login(subscribe=["uplink_ack"]), "uplink", {"the": "first"}, 2)
    of_device.shows('"first"}')
    later = stand.device(stand.product(product_id="BB30C505"), node_eui="Meter003")
    later.send(later.login(subscribe=["uplink_ack"]), "uplink", {"of": "the product"}, 3)
    of_product.shows('"the product"}')
    of_product.shows("BB30C505.Meter003")
    for follow in (of_device, of_product):
        assert '"another"' not in follow.out.read_text()
        follow.end()


run(cli_messages_wait_for_their_device)
