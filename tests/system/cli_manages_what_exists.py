#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line goes the operator's way: vendor, product, devices, import and export, state changes, messages; with
--json the API's objects; exit status 0, 1 and 2."""
import json

from stand import run
from stand.device import Device, Product


def cli_manages_what_exists(stand):
    def said(*arguments, **options):
        return json.loads(stand.xgate(*arguments, "--json", **options).stdout)

    vendor = said("vendor", "add", "--name", "Acme", "--open-id", "7ED01E2A")
    assert vendor["open_id"] == "7ED01E2A"
    made = said("product", "add", "--vendor", "7ED01E2A", "--name", "Meter", "--auth", "1", "--kind", "transparent",
                "--encrypted", "--key-lifetime", "24h", "--reveal")
    assert (made["key_lifetime_s"], made["encrypted"], made["auth_type"]) == (86400, True, 1), made
    product = Product(made)
    stand.keep_secret(product.product_key, "ProductKey")
    assert [p["product_id"] for p in said("product", "list")].count(product.product_id) == 1
    added = said("device", "add", f"{product.product_id}.Meter1", "--reveal")
    device = Device(stand, product, "Meter1", added["device_secret"])
    assert said("device", "show", device.name, "--reveal") == device.shown()
    for verb, state in (("disable", "disabled"), ("enable", "unactivated"), ("reset", "unactivated")):
        stand.xgate("device", verb, device.name)
        assert said("device", "show", device.name)["state"] == state

    listing = stand.folder / "devices.csv"
    listing.write_text(f"product_id,node_eui\n{product.product_id},Meter2\n{product.product_id},Meter3\n", encoding="utf-8")
    stand.xgate("device", "import", str(listing))
    assert [d["node_eui"] for d in said("device", "list", "--product", product.product_id)] == ["Meter1", "Meter2", "Meter3"]
    exported = stand.xgate("device", "export", "--product", product.product_id, "--reveal").stdout.splitlines()
    assert len(exported) == 4 and exported[0].startswith("open_id,product_id,product_key,node_eui"), exported[0]
    stand.xgate("device", "delete", f"{product.product_id}.Meter3")

    device.authenticate()
    client = device.login(subscribe=["uplink_ack"])
    device.send(client, "uplink", device.seal({"power": 99}), 1231)
    message = said("messages", device.name, "--limit", "1")[0]
    assert (message["message_id"], message["header_ctrl"], message["payload"]) == (1231, 4, {"power": 99}), message
    assert "1231" in stand.xgate("messages", device.name).stdout
    assert device.raw_login(type=1, timestamp=1 << 40)[0] == 5
    stand.refused("V2-3", node_eui="Meter1")
    assert "V2-3" in stand.xgate("refusals", device.name).stdout

    for arguments, status in ((["device", "show", f"{product.product_id}.Nobody"], 1), (["device", "add", device.name], 1),
                              (["vendor", "add", "--name", "x", "--open-id", "7ED01E2A"], 1),
                              (["device", "delete", f"{product.product_id}.Meter3"], 1),
                              (["device", "show"], 2), (["no-such-command"], 2), (["device", "show", device.name, "--no"], 2),
                              (["product", "add", "--vendor", "7ED01E2A", "--name", "x", "--auth", "9", "--kind", "json"], 2),
                              (["device", "show", "not a name"], 2)):
        done = stand.xgate(*arguments, ok=False)
        assert done.returncode == status and done.stderr, (arguments, done)
    done = stand.xgate("--url", "http://127.0.0.1:1", "vendor", "list", ok=False)
    assert done.returncode == 1 and "127.0.0.1:1" in done.stderr, done


run(cli_manages_what_exists)
