# SPDX-License-Identifier: Apache-2.0
"""Reads the catalogue's files and expands their rows into cases."""
import itertools
import json
import tomllib

from stand.device import PUBLISH, SUBSCRIBE

from . import HERE

# Lists that `each` may name.
LISTS = {"@publish": list(PUBLISH), "@subscribe": list(SUBSCRIBE), "@topics": list(PUBLISH | SUBSCRIBE),
         "@others": ["device", "prefix", "product", "vendor"]}
# Which row of the protocol's table of topics a topic is of (requirements TOPIC-1 to TOPIC-14).
ROWS = {"downlink": 1, "uplink": 3, "uplink_ack": 3, "downlink_ack": 4, "downloadlink": 4, "downloadlink_ack": 4,
        "firmware_report": 5, "firmware_report_ack": 5, "ask_firmware": 6, "ota_notify": 7, "ota_notify_ack": 7,
        "ask_config": 8, "config_report": 8, "down_config": 8, "download_config": 8, "update_time": 9, "update_time_ack": 9}
ROWS_BELOW = {"model/property/": 10, "model/event/": 11, "model/service/": 12, "model/history/": 13, "model/hex": 14}
KINDS = {"mqtt", "login", "frame", "http", "slow", "program"}


class CatalogueError(Exception):
    pass


class Area:
    def __init__(self, name, document):
        head = document.pop("area")
        rows = document.pop("rows")
        if document:
            raise CatalogueError(f"{name}: unknown tables {list(document)}")
        self.name, self.kind, self.about = name, head.pop("kind"), head.pop("about")
        self.changes = set(head.pop("changes", []))
        defaults = head.pop("defaults", {})
        if head or self.kind not in KINDS:
            raise CatalogueError(f"{name}: unknown {list(head) or self.kind}")
        self.rows = len(rows)
        self.cases = [case for row_id, row in rows.items() for case in _expand(self, row_id, {**defaults, **row})]


class Case:
    """One thing that is sent, and what must come back."""

    def __init__(self, area, row, case_id, fields):
        self.area, self.row, self.id, self.fields = area, row, case_id, fields

    def __getattr__(self, name):
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"{self.id} lacks {name}") from None

    def get(self, name, default=None):
        return self.fields.get(name, default)


def _fill(value, chosen):
    """The row with its `each` names replaced, in keys of tables too."""
    if isinstance(value, str):
        for name, text in chosen.items():
            value = value.replace("${" + name + "}", str(text))
        return value
    if isinstance(value, list):
        return [_fill(item, chosen) for item in value]
    if isinstance(value, dict):
        return {_fill(key, chosen): _fill(item, chosen) for key, item in value.items()}
    return value


def row_of(topic):
    """"TOPIC-3"; "TOPIC" where it is of none."""
    row = ROWS.get(topic) or next((row for start, row in ROWS_BELOW.items() if topic.startswith(start)), None)
    return f"TOPIC-{row}" if row else "TOPIC"


def _record(text):
    """"row of uplink" names it."""
    return row_of(text.removeprefix("row of ")) if text.startswith("row of ") else text


def _printable(value):
    return repr(str(value))[1:-1]


def _expand(area, row_id, fields):
    fields = dict(fields)
    each = {name: LISTS[values] if isinstance(values, str) else values
            for name, values in fields.pop("each", {}).items()}
    row = f"{area.name}.{row_id}"
    if "expect" not in fields:
        raise CatalogueError(f"{row} does not say what must come back")
    for choice in itertools.product(*each.values()):
        case_id = row + (f"[{','.join(map(_printable, choice))}]" if choice else "")
        filled = _fill(fields, dict(zip(each, choice)))
        if "record" in filled:
            filled["record"] = _record(filled["record"])
        yield Case(area, row, case_id, filled)


def read():
    """All areas, in the order of their files' names."""
    areas, seen = [], set()
    for path in sorted((HERE / "catalogue").glob("*.toml")):
        with open(path, "rb") as file:
            area = Area(path.stem, tomllib.load(file))
        for case in area.cases:
            if case.id in seen:
                raise CatalogueError(f"{case.id} stands there twice")
            seen.add(case.id)
        areas.append(area)
    return areas


def distinct(areas):
    """How many rows, and how many different things, bytes cut off a packet not counted one by one."""
    rows = sum(area.rows for area in areas)
    cases = {json.dumps([case.area.name, case.fields], sort_keys=True) for area in areas for case in area.cases}
    return rows, len(cases)
