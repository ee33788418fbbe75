# SPDX-License-Identifier: Apache-2.0
"""HEX products with the demonstration script of docs/examples, and a thing model that fits it."""
import pathlib

from . import builds, thing_model

DEMO = (builds.SOURCE / "docs" / "examples" / "hex-demo.js").read_text(encoding="utf-8")
HOSTILE = builds.SOURCE / "tests" / "data" / "hostile_scripts.txt"
PROPERTIES = "00f0ff013FA00000"  # the source's own frame
ALARM = "0407"
REPLY = "0300002a"

MODEL = thing_model.model(
    [thing_model.property("prop_int16", "int", min="-32768", max="32767", step="1"),
     thing_model.property("prop_bool", "bool", **{"0": "off", "1": "on"}),
     thing_model.property("prop_float", "float", min="-1000", max="1000")],
    [thing_model.event("alarm", "alert", thing_model.parameter("code", "int"))],
    [thing_model.service("calibrate", [thing_model.parameter("offset", "int")],
                         [thing_model.parameter("offset", "int")])])


def put_script(stand, product, source):
    return stand.service.request("PUT", f"/api/v1/products/{product.product_id}/script", source,
                                 content_type="text/javascript")


def scripted_product(stand, source=DEMO, model=MODEL, **description):
    product = stand.product(kind="hex", **description)
    if model:
        thing_model.put_model(stand, product, model)
    answer = put_script(stand, product, source)
    assert answer.status == 201, answer
    return product


def hostile_scripts():
    """(name, what comes of it, source) of each that decodes."""
    scripts = []
    for line in pathlib.Path(HOSTILE).read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("=== "):
            name, outcome = line[4:].rstrip("\n").rsplit(": ", 1)
            scripts.append([name, outcome, ""])
        elif scripts:
            scripts[-1][2] += line
    return scripts
