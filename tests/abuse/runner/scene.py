# SPDX-License-Identifier: Apache-2.0
"""Who exists while somebody attacks: his vendor, and the innocents', which is another."""
import itertools
import re
import time

from stand.device import Device
from stand.good_device import GoodDevice

ATTACKER = "127.0.0.66"  # where attacks of connections come from; innocents are at 127.0.0.1
REPORT_EVERY, LOGIN_EVERY = 0.05, 1.5  # seconds; a login may be one a second (LIMIT-3)
INNOCENTS = ("Calm1", "Calm2")


class Scene:
    def __init__(self, stand):
        self.stand = stand
        self._numbers = itertools.count(1)
        theirs = stand.vendor()
        self.mine = stand.vendor()
        self.product = stand.product(open_id=self.mine)
        self.free_product = stand.product(open_id=self.mine, auth_type=0)  # registers whoever knows its ProductKey
        product = stand.product(open_id=theirs)
        calm = [stand.device(product, name) for name in INNOCENTS]
        self.reports = GoodDevice(calm[0], REPORT_EVERY, qos=1)
        self.logins = GoodDevice(calm[1], LOGIN_EVERY, logs_in=True)

    def device(self):
        """One more of the attacker's, so that no attack has used up what another may do."""
        return self.stand.device(self.product, f"Bad{next(self._numbers):03d}")

    def made_up(self, node_eui):
        """Nobody has registered it."""
        return Device(self.stand, self.free_product, node_eui)

    def refusals(self, device):
        """[[requirement, reason], …] on record of this device."""
        return self.stand.database.sql("SELECT requirement, reason FROM refusal WHERE "
                                       f"product_id = '{device.product.product_id}' AND node_eui = '{device.node_eui}'")

    def settle(self):
        """Until the service has stored all that was sent before."""
        before = None
        while before != (before := (self._attackers_messages(), self._waiting() > 1)) or before[1]:
            time.sleep(0.3)

    def _waiting(self):
        """Messages that the service has received and not stored; an innocent's is one."""
        metrics = self.stand.service.request("GET", "/metrics", token=None).body.decode()
        return sum(float(count) for count in re.findall(r"^xgate_queue_messages\{.*\} (\S+)$", metrics, re.M))

    def _attackers_messages(self):
        return self.stand.database.sql(f"SELECT count(*) FROM message WHERE node_eui NOT IN {INNOCENTS}")[0][0]

    def codes(self, device):
        """{code: how many} of the device's messages, once all are stored."""
        self.settle()
        return {code: int(count) for code, count in self.stand.database.sql(
            f"SELECT code, count(*) FROM message WHERE product_id = '{device.product.product_id}' "
            f"AND node_eui = '{device.node_eui}' GROUP BY code")}

    def close(self):
        for innocent in (self.reports, self.logins):
            innocent.stop()
