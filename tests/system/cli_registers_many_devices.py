#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate device add P.N --count N` registers exactly the NodeEuis that count on from N in decimal, `device add P --count N` those from
SIM000001 on, each with a secret of its own; a repeat adds nothing; where the numbers run out nothing is registered."""
import json

from stand import run


def cli_registers_many_devices(stand):
    product = stand.product()
    p = product.product_id

    def registered():
        listed = json.loads(stand.xgate("device", "list", "--product", p, "--json").stdout)
        return {one["node_eui"]: one["device_secret"] for one in
                (json.loads(stand.xgate("device", "show", f"{p}.{device['node_eui']}", "--reveal", "--json").stdout) for device in listed)}

    def adds(first, count, *node_euis):
        before = registered()
        for new in (len(node_euis), 0):
            said = stand.xgate("device", "add", first, "--count", str(count)).stdout
            assert said == f"devices {p}.{node_euis[0]} to {p}.{node_euis[-1]}: registered {new}, were there already {count - new}\n", said
            after = registered()
            assert after.keys() - before.keys() == set(node_euis) and before.items() <= after.items(), after
        assert len(set(after.values())) == len(after), "a secret each"

    adds(f"{p}.METER098", 3, "METER098", "METER099", "METER100")
    adds(f"{p}.00A1B209", 2, "00A1B209", "00A1B210")
    adds(f"{p}.00000000000000000000000000000008", 2, "0" * 31 + "8", "0" * 31 + "9")
    adds(p, 4, "SIM000001", "SIM000002", "SIM000003", "SIM000004")
    # those that are there already stay as they are
    before = registered()
    said = json.loads(stand.xgate("device", "add", f"{p}.METER100", "--count", "2", "--json").stdout)
    assert (said["imported"], said["unchanged"]) == (1, 1) and registered().items() >= before.items(), said

    before = registered()
    for first, count, words in ((f"{p}.METER98", 3, "too few digits for 3 devices"), (f"{p}.00A1B2FF", 2, "no decimal number at its end"),
                                (f"{p}.{'9' * 32}", 2, "too few digits"), (p, None, f"\"{p}\" is a product: write ProductID.NodeEui, or --count N")):
        done = stand.xgate("device", "add", first, *(["--count", str(count)] if count else []), ok=False)
        assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1, done
    assert registered() == before
    for secret in before.values():
        stand.keep_secret(secret, "DeviceSecret")


run(cli_registers_many_devices)
