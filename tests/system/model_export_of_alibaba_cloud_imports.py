#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Thing model: a TSL export of Alibaba Cloud, with every data type and its built-in post, set and get, imports as it
is by `xgate model set`; `xgate model show` prints it in its order; a device reports by it.
The documentation's own example is a good one, too."""
import json
import tempfile

from stand import builds, run
from stand.thing_model import EXPORT, export

VALUES = {"Temperature": 21.5, "Brightness": 80, "Energy": 12345.67, "PowerSwitch": 1, "WorkMode": 2,
          "Label": "客厅", "InstalledAt": "1524448722000",
          "GeoLocation": {"Longitude": 120.19, "Latitude": 30.26, "CoordinateSystem": 2},
          "HSVColor": [210, 30, 100], "Schedule": [{"At": "06:30", "On": 1}, {"At": "22:00", "On": 0}]}


def model_export_of_alibaba_cloud_imports(stand):
    product = stand.product(kind="json")
    checked = stand.xgate("model", "set", product.product_id, str(EXPORT), "--check").stdout
    assert "valid" in checked, checked
    example = builds.SOURCE / "docs" / "examples" / "meter.json"
    assert "valid" in stand.xgate("model", "set", product.product_id, str(example), "--check").stdout
    stand.service.api("GET", f"/products/{product.product_id}/model", expect=404)
    stored = stand.xgate("model", "set", product.product_id, str(EXPORT)).stdout
    assert "version 1" in stored, stored
    shown = stand.xgate("model", "show", product.product_id).stdout
    assert shown == json.dumps(export(), indent=2, ensure_ascii=False) + "\n", shown[:500]

    device = stand.device(product)
    client = device.login(subscribe=["model/property/report_ack", "model/event/overheat/report_ack"])
    ack = device.send(client, "model/property/report", VALUES)
    assert ack["Payload"]["Code"] == "200", ack
    latest = {p["identifier"]: p for p in stand.service.items(f"/devices/{device.name}/properties")}
    assert {i: p["value"] for i, p in latest.items()} == VALUES, latest
    assert (latest["Temperature"]["name"], latest["Temperature"]["unit"]) == ("温度", "°C"), latest
    assert "温度" in stand.xgate("properties", device.name).stdout
    for wrong, named in [({"GeoLocation": {"Latitude": 91}}, "GeoLocation.Latitude"),
                         ({"HSVColor": [1, 2, 3, 4]}, "HSVColor"), ({"Schedule": [{"On": 5}]}, "Schedule[0].On"),
                         ({"Label": "客" * 11}, "Label"), ({"post": 1}, "post"), ({"InstalledAt": "now"}, "InstalledAt")]:
        ack = device.send(client, "model/property/report", wrong)
        assert ack["Payload"]["Code"] == "4001" and named in ack["Payload"]["Msg"], ack
    ack = device.send(client, "model/event/overheat/report", {"Temperature": 150.5, "Level": "严重"})
    assert ack["Payload"]["Code"] == "200", ack
    assert stand.service.items(f"/devices/{device.name}/events")[0]["params"] == {"Temperature": 150.5, "Level": 2}

    with tempfile.NamedTemporaryFile("w", suffix=".json") as broken:
        document = export()
        document["properties"][1]["dataType"]["specs"]["max"] = "much"
        document["events"][1]["type"] = "warning"
        json.dump(document, broken)
        broken.flush()
        refused = stand.xgate("model", "set", product.product_id, broken.name, ok=False)
    assert refused.returncode == 1, refused
    assert "properties/1/dataType/specs/max" in refused.stderr and "events/1/type" in refused.stderr, refused.stderr


run(model_export_of_alibaba_cloud_imports)
