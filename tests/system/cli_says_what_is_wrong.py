#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a device did is asked for in a wrong way: each command says in one sentence what was wrong, and ends with the status
for it: 1 where the service refused, 2 where the command line was wrong."""
import subprocess

from stand import builds, run
from stand.ports import take_port
from stand.thing_model import modelled_product
from stand.waiting import seconds


def cli_says_what_is_wrong(stand):
    product = modelled_product(stand)
    device = stand.device(product)
    plain = stand.device(stand.product())
    nobody = f"{product.product_id}.Nobody01"
    lists = {"messages": [], "properties": [], "events": [], "history": ["temp"], "commands": [], "config": []}

    def refused(status, *words, said, **environment):
        variables = {**builds.xgate_environment(), "XGATE_URL": stand.service.url,
                     "XGATE_TOKEN_FILE": str(stand.service.token_file), **environment}
        ran = subprocess.run([builds.XGATE, *words], capture_output=True, text=True, timeout=seconds(60), env=variables)
        assert (ran.returncode, ran.stdout) == (status, ""), (words, ran)
        first = ran.stderr.splitlines()[0]
        assert first.startswith("xgate: ") and said in first, (words, ran.stderr)
        assert status == 2 or ran.stderr.count("\n") == 1, (words, ran.stderr)

    for word, more in lists.items():
        refused(1, word, nobody, *more, said=f"there is no device {nobody}")
        refused(2, word, "nonsense", *more, said="nonsense")
        refused(1, word, device.name, *more, said="cannot reach", XGATE_URL=f"http://127.0.0.1:{take_port()}")
        refused(1, word, device.name, *more, said="cannot read the token file", XGATE_TOKEN_FILE=str(stand.folder / "none"))
    wrong = stand.folder / "wrong.token"
    wrong.write_text("xgate_wrong\n", encoding="utf-8")
    for word, more in lists.items():
        refused(1, word, device.name, *more, said="this token is not valid; give the token's file", XGATE_TOKEN_FILE=str(wrong))

    refused(1, "history", device.name, "temq", said=f"{device.name} never reported a property temq, and the thing model of "
                                                    f"product {product.product_id} has none of that name")
    refused(1, "history", plain.name, "temp", said="has no thing model yet")
    for word, more in (("events", []), ("history", ["temp"])):
        for bad in ("yesterday", "2026-11-23", "2026-11-23", "2026-13-23T00:00:00Z", "0s"):
            refused(2, word, device.name, *more, "--from", bad, said=f'"{bad}"')
        refused(1, word, device.name, *more, "--from", "1h", "--to", "2h", said="from must be before to")
        for words in ([], ["--from", "2h"]):
            assert stand.xgate(word, device.name, *more, *words).stdout.count("\n") == 1, "the heading alone"
    assert stand.xgate("properties", plain.name).stdout.count("\n") == 1


run(cli_says_what_is_wrong)
