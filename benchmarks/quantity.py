# SPDX-License-Identifier: Apache-2.0
"""What every quantity has: a name, one measurement a round, and lines of the table at the end."""
import collections
import dataclasses
import statistics


@dataclasses.dataclass
class Line:
    """A row of the table. Texts that people read are (English, Chinese)."""
    quantity: tuple
    beside: tuple
    reach: str
    measured: str
    reached: bool
    share: float  # of what was to be reached: 1.0 is just there, less is better
    values: dict  # what it was made of, for the JSON


class Quantity:
    name = ""
    title = ("", "")
    long = False  # left out by --quick

    def __init__(self):
        self.samples = collections.defaultdict(list)

    def round(self, stage):
        raise NotImplementedError

    def lines(self):
        raise NotImplementedError

    def note(self, key, value):
        self.samples[key].append(value)

    def median(self, key):
        return statistics.median(self.samples[key])

    def ratio(self, one, other):
        """Of two that were measured one after the other in each round: the median of the rounds' ratios."""
        return statistics.median(a / b for a, b in zip(self.samples[one], self.samples[other]))

    def medians(self):
        return {key: round(self.median(key), 3) for key in self.samples}

    def at_most(self, quantity, beside, value, limit, unit="×", digits=2):
        return Line(quantity, beside, f"≤ {limit:g} {unit}", f"{value:.{digits}f} {unit}",
                    round(value, digits) <= limit,
                    value / limit, self.medians())

    def at_least(self, quantity, beside, value, limit, unit="×"):
        return Line(quantity, beside, f"≥ {limit:g} {unit}", f"{value:.2f} {unit}", round(value, 2) >= limit,
                    limit / value if value else 99, self.medians())


def cost(result, *names):
    """µs of processor time per operation, of one part or of several together."""
    return sum(result["processor"][name]["us_per_operation"] for name in names)
