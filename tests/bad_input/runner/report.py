# SPDX-License-Identifier: Apache-2.0
from . import catalogue


class Report:
    def __init__(self, areas):
        self.rows, self.cases = catalogue.distinct(areas)
        self.seconds = 0
        self.areas, self.failures, self._slowest = [], [], []

    def failed(self, case_id, sent, expected, came):
        self.failures.append({"id": case_id, "sent": sent, "expected": expected, "came": came})

    def fault(self, where, what):
        self.failures.append({"id": where, "sent": "", "expected": "everything as it was", "came": what})

    def took(self, case, seconds):
        self._slowest = sorted([*self._slowest, (seconds, case.id)], reverse=True)[:10]

    def area_done(self, area, sent, seconds, latencies, used):
        def at(part):
            return round(1000 * latencies[min(len(latencies) - 1, int(part * len(latencies)))], 1) if latencies else None
        self.areas.append({"area": area.name, "rows": area.rows, "sent": sent, "seconds": round(seconds, 1),
                           "beside": {"acked": len(latencies), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1)},
                           "used": used})

    def as_json(self):
        return {"rows": self.rows, "cases": self.cases, "sent": sum(area["sent"] for area in self.areas),
                "seconds": round(self.seconds, 1), "areas": self.areas,
                "slowest": [{"id": case_id, "ms": round(1000 * seconds)} for seconds, case_id in self._slowest],
                 "failures": self.failures}

    def as_text(self):
        lines = [f"{'area':28}{'rows':>6}{'sent':>7}{'s':>7}   beside: acked, p50, p99, max ms    MiB broker, service"]
        for area in self.areas:
            beside, used = area["beside"], area["used"]
            lines.append(f"{area['area']:28}{area['rows']:6}{area['sent']:7}{area['seconds']:7}   "
                         f"{beside['acked']:13}{beside['p50_ms'] or 0:7}{beside['p99_ms'] or 0:7}{beside['max_ms'] or 0:7}"
                         f"{used['broker']['mib']:13}{used['service']['mib']:8}")
        for failure in self.failures:
            lines.append(f"FAILED {failure['id']}")
            lines += [f"  {name:9}{failure[name]}" for name in ("sent", "expected", "came") if failure[name]]
        lines.append(f"{len(self.areas)} areas, {self.rows} rows, {self.cases} distinct cases, "
                     f"{sum(area['sent'] for area in self.areas)} sent in {self.seconds:.0f} s; "
                     f"{len(self.failures)} failures")
        return "\n".join(lines)
