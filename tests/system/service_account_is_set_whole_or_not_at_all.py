#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/set-service-account: the service's line is written anew and operators' stay. Where something fails on the way, the accounts stay what they
were, and nothing beside them holds the password."""
import pathlib
import subprocess
import tempfile

from stand import builds


def set_account(folder, **failing):
    """With programs that fail in the place of those named."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name, status in failing.items():
        (programs / name).write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    done = subprocess.run([builds.SOURCE / "deploy" / "set-service-account", folder / "password", folder / "accounts"], timeout=60,
                          env={"PATH": f"{programs}:/usr/bin:/bin:/usr/sbin"}, stderr=subprocess.DEVNULL, check=False)
    for name in failing:
        (programs / name).unlink()
    left = {path.name for path in folder.iterdir()} - {"programs", "password", "accounts"}
    assert not left, left
    return done.returncode


with tempfile.TemporaryDirectory() as name:
    place = pathlib.Path(name)
    (place / "password").write_text("geheim\n", encoding="utf-8")
    accounts = place / "accounts"
    assert set_account(place, mosquitto_passwd=3) != 0 and not accounts.exists()
    assert set_account(place) == 0
    first = accounts.read_text(encoding="utf-8")
    assert first.startswith("xgate-service:$7$") and "geheim" not in first and first.count("\n") == 1, first
    accounts.write_text(first + "operator:$7$x\n", encoding="utf-8")
    before = accounts.read_text(encoding="utf-8")
    assert set_account(place, grep=2) != 0, "the accounts could not be read"
    assert set_account(place, mosquitto_passwd=3) != 0
    assert accounts.read_text(encoding="utf-8") == before
    assert set_account(place) == 0
    after = accounts.read_text(encoding="utf-8").splitlines()
    assert after[1:] == ["operator:$7$x"] and after[0] != before.splitlines()[0], after
print("service_account_is_set_whole_or_not_at_all: as required")
