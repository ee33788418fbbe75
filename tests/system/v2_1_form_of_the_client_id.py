#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-1: ClientId V2_{P}.{N}_{type}_{timestamp}, username O-P-N; whatever is formed otherwise is refused. V2-6: the refusal
is found under the device that the client id names, whatever the username says."""
from stand import run
from stand.raw_mqtt import RawClient


def v2_1_form_of_the_client_id(stand):
    device = stand.device()
    p, n = device.product.product_id, device.node_eui
    good_id, username, password = device.v2_credentials()

    def login(client_id, name=username):
        raw = RawClient(stand.broker.port)
        code = raw.login(client_id, name, password)
        raw.close()
        return code

    assert login(good_id) == 0
    wrong = [f"V2_{p}.{n}", f"V2_{p}.{n}_0", f"V2_{p}.{n}_0_", f"V2_{p}.{n}__1675404867",
             f"V2_{p}.{n}_2_1675404867", f"V2_{p}.{n}_00_1675404867", f"V2_{p}.{n}_a_1675404867",
             f"V2_{p}.{n}_0_16754x4867", f"V2_{p}.{n}_0_-1675404867", f"V2_{p}.{n}_0_+1675404867",
             f"V2_{p}.{n}_0_1675404867.5", f"V2_{p}.{n}_0_0x63DFA0C3", f"V2_{p}.{n}_0_{'9' * 40}",
             f"V2_{p}.{n}_0_1675404867_", f"V2_{p}.{n}_0_1675404867 ", f" V2_{p}.{n}_0_1675404867",
             f"v2_{p}.{n}_0_1675404867", f"V3_{p}.{n}_0_1675404867", f"V2-{p}.{n}_0_1675404867",
             f"V2_{p}-{n}_0_1675404867", f"V2_{p}{n}_0_1675404867", f"{p}.{n}", f"{p}-{n}", n,
             f"V2_{p}._0_1675404867", f"V2_.{n}_0_1675404867", "V2_", "V2___"]
    codes = {client_id: login(client_id) for client_id in wrong}
    assert set(codes.values()) == {5}, codes
    foreign = "0000FFFF-0000FFFE-Somebody"
    for name in (f"{device.product.open_id}-{p}", f"{p}-{n}", f"{username}-", f"-{username}", username.replace("-", "_"),
                 "", foreign):
        assert login(good_id, name) == 5, name
        stand.refused("V2-4" if name in (f"{username}-", foreign) else "V2-1", client_id=good_id, username=name, product_id=p,
                      node_eui=n)
    shown = stand.xgate("refusals", device.name, "--json").stdout
    assert foreign in shown and username.replace("-", "_") in shown, shown
    stand.refused("V2-1", client_id=f"V2_{p}.{n}_2_1675404867")
    assert login(good_id) == 0


run(v2_1_form_of_the_client_id)
