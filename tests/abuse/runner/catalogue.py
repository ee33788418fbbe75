# SPDX-License-Identifier: Apache-2.0
"""Reads the catalogue's files.

[area]   about; broker_options and settings of its stand, where they are not the default
[rows]   name = { attack, …its parameters, requirement, holds }
  attack       a function of floods.py, logins.py, connections.py, database.py, http.py, outage.py or output.py, whose head says its parameters
  requirement  what ends it; of a LIMIT-n the metric has to count it
  holds        {fact = value} of what the function and measure.py found; fact_at_most and fact_at_least are bounds
  known        a sentence: what does not hold yet; shown as open, and as `holds` once it does
  wrong        names in `holds` that are false on purpose: shows that a false expectation is noticed
"""
import tomllib

from . import HERE

_DIRECTIONS = {"_at_most": lambda came, bound: came <= bound, "_at_least": lambda came, bound: came >= bound}


class CatalogueError(Exception):
    pass


class Area:
    def __init__(self, name, document):
        head = document.pop("area")
        self.name, self.about = name, head.pop("about")
        self.stand = {"broker_options": head.pop("broker_options", []), "settings": head.pop("settings", "")}
        self.attacks = [Attack(name, row, fields) for row, fields in document.pop("rows").items()]
        if head or document:
            raise CatalogueError(f"{name}: unknown {[*head, *document]}")


class Attack:
    def __init__(self, area, row, fields):
        self.id, self.name = f"{area}.{row}", row
        try:
            self.kind, self.requirement, self.holds = (fields.pop(name) for name in ("attack", "requirement", "holds"))
        except KeyError as missing:
            raise CatalogueError(f"{self.id} lacks {missing}") from None
        self.known, self.wrong = fields.pop("known", ""), fields.pop("wrong", [])
        self.parameters = fields

    def missed(self, facts):
        """The expectations that do not hold, each told."""
        found = {}
        for name, wanted in self.holds.items():
            fact, fits = name, lambda came, wanted: came == wanted
            for ending, direction in _DIRECTIONS.items():
                if name.endswith(ending):
                    fact, fits = name.removesuffix(ending), direction
            if fact not in facts:
                raise CatalogueError(f"{self.id}: nothing measures {fact}, of {sorted(facts)}")
            if not fits(facts[fact], wanted):
                found[name] = f"{name} {wanted}: it was {facts[fact]}"
        return found


def read():
    """All areas, in the order of their files' names."""
    areas = []
    for path in sorted((HERE / "catalogue").glob("*.toml")):
        with open(path, "rb") as file:
            areas.append(Area(path.stem, tomllib.load(file)))
    return areas
