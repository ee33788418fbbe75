# SPDX-License-Identifier: Apache-2.0
import textwrap

WIDTH = 80


class Report:
    def __init__(self):
        self.attacks, self.failures, self.seconds = [], 0, 0
        self.at = "the run itself"

    def done(self, attack, seconds, facts, beside, faults, missed):
        self.failures += bool(faults)
        state = "FAILED" if faults else "ok" if not attack.known else "open" if missed else "holds"
        self.attacks.append({"id": attack.id, "name": attack.name, "requirement": attack.requirement, "state": state,
                             "seconds": round(seconds, 1), "facts": facts, "beside": beside, "faults": faults,
                             "open": missed if attack.known else [], "known": attack.known})

    def broke_off(self, what):
        self.failures += 1
        self.attacks.append({"id": self.at, "name": self.at, "state": "FAILED", "faults": [what], "facts": {}, "open": [],
                             "known": ""})

    def as_json(self):
        return {"seconds": round(self.seconds, 1), "failures": self.failures,
                "open": sum(each["state"] == "open" for each in self.attacks), "attacks": self.attacks}

    def as_text(self):
        lines = [f"{'':7}{'attack':24}{'s':>5}{'rows':>6}{'MiB b/s':>9}{'stored':>7}{'served':>8}{'p99/max ms':>13}"]
        for each in self.attacks:
            lines += self._attack(each)
        told = self.as_json()
        lines.append(f"{len(self.attacks)} attacks in {self.seconds:.0f} s, {self.failures} failed, {told['open']} open; served, "
                     "p99, max: an innocent's reports meanwhile")
        return "\n".join(lines)

    @staticmethod
    def _attack(each):
        line, facts = f"{each['state']:7}{each['name']:24}", each["facts"]
        if facts and "rows" in facts:
            reports = each["beside"]["reports"]
            line += (f"{each['seconds']:5}{facts['rows']:6}{facts['broker_mib']:+5.0f}{facts['service_mib']:+4.0f}"
                     f"{facts['sessions']:7}{reports['served']:8}{reports['p99_ms']:>7}/{reports['max_ms']:<5}")
        own = []
        if "logins" in each.get("beside", {}):
            logins = each["beside"]["logins"]
            own.append(f"beside: {logins['served']} logins, at most {logins['max_ms']} ms")
        own += [f"{name} {value}" for name, value in facts.items() if name not in ("rows", "broker_mib", "service_mib")
               and value not in (0, 0.0, "", {})]
        said = ([f"  {', '.join(own)}"] if own else []) + [f"  FAILED: {fault}" for fault in each["faults"]]
        if each["open"]:
            said.append(f"  open: {each['known']} ({'; '.join(each['open'])})")
        elif each["state"] == "holds":
            said.append(f"  holds, and need not be `known` any more: {each['known']}")
        return [line] + [part for text in said for part in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")]
