# SPDX-License-Identifier: Apache-2.0
"""What a run found: as a table, as JSON, as a picture, and as the page docs/performance.md."""
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
from xml.sax.saxutils import escape


def machine():
    """The machine, as far as a reader needs it to compare his own."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", info, re.M)
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) // 1024 // 1024
    release = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.M).group(1)
    return {"processor": model.group(1) if model else platform.processor(), "cores": len(os.sched_getaffinity(0)),
            "virtual": "hypervisor" in info, "memory_gib": memory, "kernel": platform.release(), "system": release,
            "packages": {name: version(name) for name in
                         ("mosquitto", "postgresql-15", "libpq5", "libssl3", "g++-12", "libboost1.81-dev")},
            "build": "RelWithDebInfo, -O2", "load_at_start": round(os.getloadavg()[0], 1)}


def version(package):
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return found.stdout or "not a package here"


def table(lines):
    """Plain text, aligned."""
    rows = [("quantity", "beside", "reach", "measured", "verdict")]
    rows += [(line.quantity[0], line.beside[0], line.reach, line.measured, verdict(line)) for line in lines]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows)


def verdict(line):
    return "reached" if line.reached else "NOT reached"


def as_json(lines, quantities, about):
    return json.dumps({**about, "lines": [
        {"quantity": line.quantity[0], "beside": line.beside[0], "reach": line.reach, "measured": line.measured,
         "reached": line.reached, "share_of_what_was_to_be_reached": round(line.share, 3)} for line in lines],
        "measured": {each.name: {"medians": each.medians(),
                                 "rounds": {key: [round(value, 3) for value in values]
                                            for key, values in each.samples.items() if len(values) <= 12}}
                     for each in quantities if each.samples}}, indent=1, ensure_ascii=False)


def picture(lines):
    """A bar a line: how much of what was to be reached it takes. Up to the mark is reached."""
    row, left, width, top = 26, 470, 420, 40
    height = top + row * len(lines) + 20
    most = 2.0
    unit = width / most
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 150} {height}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{left + unit}" y="18" text-anchor="middle" fill="#444">to reach</text>']
    for number, line in enumerate(lines):
        y = top + number * row
        colour = "#3a7d44" if line.reached else "#b3402a"
        label = line.quantity[0] + ("" if line.beside[0] in ("–", "") else " / " + line.beside[0])
        label = label if len(label) < 76 else label[:74] + "…"
        out += [f'<text x="{left - 8}" y="{y + 13}" text-anchor="end" fill="#222">{escape(label)}</text>',
                f'<rect x="{left}" y="{y + 3}" width="{min(line.share, most) * unit:.1f}" height="14" fill="{colour}"/>',
                f'<text x="{left + min(line.share, most) * unit + 6:.1f}" y="{y + 14}" fill="#222">'
                f'{escape(line.measured)} ({escape(line.reach)})</text>']
    out += [f'<line x1="{left + unit}" y1="24" x2="{left + unit}" y2="{height - 12}" stroke="#444" '
            'stroke-dasharray="4 3"/>', "</svg>"]
    return "\n".join(out) + "\n"


WORDS = {
    "head": (("Quantity", "Beside", "To reach", "Measured", "Verdict"), ("量", "对比", "目标", "实测", "结论")),
    "reached": ("reached", "达到"), "missed": ("**not reached**", "**未达到**"),
}


def page_table(lines, language):
    rows = [WORDS["head"][language], ["---"] * 5]
    rows += [(line.quantity[language], line.beside[language],
              line.reach if " · " not in line.reach else line.reach.split(" · ")[language], line.measured,
              WORDS["reached" if line.reached else "missed"][language]) for line in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def page_medians(quantities, language):
    """What the lines were made of."""
    head = (("Measurement", "Median"), ("测量项", "中位数"))[language]
    rows = [f"| {head[0]} | {head[1]} |", "| --- | ---: |"]
    for each in quantities:
        rows += [f"| {each.name}: {key} | {value:,.2f} |" for key, value in each.medians().items()]
    return "\n".join(rows)


def page_machine(about, language):
    found = about["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    busy = found["load_at_start"] > found["cores"] / 2
    busy = ((" **The machine was busy with other work: the ratios are worth something, rates and latencies little.**",
             "**测量时机器另有负载：比值可供参考，速率与延迟参考价值不大。**")[language] if busy else "")
    virtual = ((", virtual" if found["virtual"] else ""), ("（虚拟机）" if found["virtual"] else ""))[language]
    return (f"{found['processor']}, {found['cores']} cores{virtual}; {found['memory_gib']} GiB; {found['system']}, Linux "
            f"{found['kernel']}; {packages}; {found['build']}. {about['when']}, {about['rounds']} rounds; load average "
            f"before it began: {found['load_at_start']}.{busy}",
            f"{found['processor']}，{found['cores']} 核{virtual}；内存 {found['memory_gib']} GiB；{found['system']}，Linux "
            f"{found['kernel']}；{packages}；{found['build']}。{about['when']}，{about['rounds']} 轮；开始前的平均负载："
            f"{found['load_at_start']}。{busy}")[language]


def write_docs(source, lines, quantities, about):
    """The pages are templates of their own: only what stands between the marks is replaced."""
    for language, name in enumerate(("performance.md", "performance.zh-CN.md")):
        path = source / "docs" / name
        text = path.read_text(encoding="utf-8")
        for mark, made in (("machine", page_machine(about, language)), ("table", page_table(lines, language)),
                           ("medians", page_medians(quantities, language))):
            begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
            assert begin in text and end in text, f"{path} has no {begin}"
            head, rest = text.split(begin, 1)
            text = f"{head}{begin}\n{made}\n{end}{rest.split(end, 1)[1]}"
        path.write_text(text, encoding="utf-8")
    (source / "docs" / "performance.svg").write_text(picture(lines), encoding="utf-8")
    (source / "docs" / "performance.json").write_text(as_json(lines, quantities, about) + "\n", encoding="utf-8")


def about_run(rounds, quick):
    return {"machine": machine(), "rounds": rounds, "quick": quick,
            "when": datetime.date.today().isoformat()}
