#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What systemd is told of the two units: the service's own, and Debian's of Mosquitto with our drop-in. `systemd-analyze security` finds both
below 2.5 (10: may do everything), and every line is one that this systemd knows. Exits with 77 where there is no systemd-analyze."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WORST = 2.5
MOSQUITTO = pathlib.Path("/lib/systemd/system/mosquitto.service")


def lay_out(folder):
    text = (SOURCE / "deploy/systemd/xgate.service.in").read_text(encoding="utf-8")
    for name, value in (("bin_dir", "/bin"), ("share_dir", "/bin"), ("doc_dir", "/usr/share/doc/xgate")):
        text = text.replace(f"@{name}@", value)
    text = re.sub(r"^(Exec\w+=\+?)/bin/\w+", r"\1/bin/true", text, flags=re.M)  # programs that are there
    (folder / "xgate.service").write_text(text, encoding="utf-8")
    shutil.copy(MOSQUITTO, folder)
    (folder / "mosquitto.service.d").mkdir()
    shutil.copy(SOURCE / "deploy/systemd/mosquitto-xgate.conf", folder / "mosquitto.service.d/xgate.conf")


def analyze(folder, *arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "LC_ALL": "C.UTF-8"})


def main():
    absent = [name for name in ("systemd-analyze", "mosquitto") if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")]
    if absent or not MOSQUITTO.exists():
        print("not installed here:", ", ".join(absent) or MOSQUITTO)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="xgate-units-") as name:
        folder = pathlib.Path(name)
        lay_out(folder)
        for unit in ("xgate", "mosquitto"):
            said = analyze(folder, "security", "--offline=true", f"--threshold={int(WORST * 10)}", folder / f"{unit}.service")
            exposure = float(re.search(rf"Overall exposure level for {unit}.service: ([\d.]+)", said.stdout)[1])
            assert said.returncode == 0 and exposure < WORST, said.stdout
            assert "ignoring" not in said.stderr, said.stderr
            verified = analyze(folder, "verify", "--recursive-errors=no", folder / f"{unit}.service")
            ours = [line for line in verified.stderr.splitlines() if str(folder) in line]
            assert not ours, verified.stderr
            print(f"{unit}.service: {exposure}")
    print("units: as required")


main()
