# SPDX-License-Identifier: Apache-2.0
"""Thing models as the tests write them (TSL), and one product with such a model."""
import json
import pathlib

EXPORT = pathlib.Path(__file__).parent.parent / "data" / "thing_model_export.json"


def data_type(type, **specs):
    return {"type": type, "specs": specs}


def property(identifier, type, mode="rw", **specs):
    return {"identifier": identifier, "name": identifier.title(), "accessMode": mode, "required": False,
            "dataType": data_type(type, **specs)}


def parameter(identifier, type, **specs):
    return {"identifier": identifier, "name": identifier.title(), "dataType": data_type(type, **specs)}


def event(identifier, type, *output):
    return {"identifier": identifier, "name": identifier.title(), "type": type, "required": False,
            "method": f"thing.event.{identifier}.post", "outputData": list(output)}


def service(identifier, input=(), output=()):
    return {"identifier": identifier, "name": identifier.title(), "callType": "async",
            "method": f"thing.service.{identifier}", "inputData": list(input), "outputData": list(output)}


def model(properties=(), events=(), services=()):
    return {"properties": list(properties), "events": list(events), "services": list(services)}


# temp and humi are the source's own names.
METER = model([property("temp", "int", "r", min="0", max="100", step="1", unit="°C"),
               property("humi", "float", "r", min="0", max="100", unit="%"),
               property("power", "bool", **{"0": "off", "1": "on"})],
              [event("overheat", "alert", parameter("temp", "int", min="0", max="200")),
               event("fault", "error", parameter("code", "int"))],
              [service("switch", [parameter("on", "bool", **{"0": "off", "1": "on"})])])


def put_model(stand, product, document, **query):
    """Makes it the product's newest; the answer."""
    path = f"/products/{product.product_id}/model" + ("?check=true" if query.get("check") else "")
    return stand.service.api("PUT", path, document)


def modelled_product(stand, document=None, **description):
    """A JSON product with that model."""
    product = stand.product(kind="json", **description)
    put_model(stand, product, METER if document is None else document)
    return product


def export():
    return json.loads(EXPORT.read_text(encoding="utf-8"))
