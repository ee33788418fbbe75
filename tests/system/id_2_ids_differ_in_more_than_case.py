#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ID-1, ID-2: a product or vendor whose id differs from another one only in case is refused, naming that one, also where two
are made at once; a name in the wrong case is told the right one."""
import threading

from stand import run


def made_at_once(stand, path, bodies):
    statuses = []
    begin = threading.Barrier(len(bodies))

    def make(body):
        begin.wait()
        statuses.append(stand.service.request("POST", "/api/v1" + path, body).status)
    threads = [threading.Thread(target=make, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def id_2_ids_differ_in_more_than_case(stand):
    vendor = stand.vendor(open_id="7ED01E2A")
    product = stand.product(open_id=vendor, product_id="AA30C505")
    device = stand.device(product)

    refused = stand.xgate("product", "add", "--vendor", vendor, "--name", "again", "--auth", "1", "--kind", "json",
                          "--product-id", "aa30c505", ok=False)
    assert refused.returncode == 1 and refused.stderr == \
        "xgate: there is a product AA30C505 already, and aa30c505 differs from it only in case\n", refused
    chinese = stand.xgate("--lang", "zh", "vendor", "add", "--name", "again", "--open-id", "7ed01e2a", ok=False)
    assert chinese.returncode == 1 and chinese.stderr == "xgate: 已有厂商 7ED01E2A，7ed01e2a 与它只有大小写不同\n", chinese
    unknown = stand.service.request("POST", "/api/v1/products", {"open_id": "7ed01e2a", "name": "x", "auth_type": 1, "kind": "json"})
    assert unknown.status == 422 and unknown.json["detail"] == "there is no vendor 7ed01e2a; did you mean 7ED01E2A?", unknown

    wrong = device.name.replace("AA30C505", "aa30c505")
    for words, meant in ((("device", "show", wrong), device.name), (("messages", wrong), device.name),
                         (("commands", wrong), device.name), (("send", wrong, "down", "--data", "1"), device.name),
                         (("product", "show", "aa30c505"), "AA30C505"), (("messages", "aa30c505"), "AA30C505"),
                         (("device", "list", "--product", "aa30c505"), "AA30C505")):
        said = stand.xgate(*words, ok=False)
        assert said.returncode == 1 and f"; did you mean {meant}?" in said.stderr, (words, said)
    said = stand.xgate("product", "show", "FFFFFFFF", ok=False).stderr
    assert said == "xgate: there is no product FFFFFFFF\n", said

    for number in range(20):
        ids = [f"BB00{number:04X}", f"bb00{number:04x}", f"Bb00{number:04X}"]
        bodies = [{"open_id": vendor, "name": "n", "auth_type": 1, "kind": "json", "product_id": id} for id in ids]
        assert made_at_once(stand, "/products", bodies) == [201, 409, 409], ids


run(id_2_ids_differ_in_more_than_case)
