#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Settings: unknown keys, impossible values, bad syntax and unreadable files are errors that name the file and the
line, and no secret; the exit status is not 0."""
import subprocess

from stand import builds, run


def settings_errors_name_the_line(stand):
    good = stand.service.configuration.read_text(encoding="utf-8")
    lines = good.splitlines()

    def attempt(text, name="broken.toml"):
        path = stand.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        done = subprocess.run([builds.XGATE, "serve", "--config", path], capture_output=True, text=True, timeout=60,
                              env=builds.xgate_environment())
        assert done.returncode not in (0, -6, -11), (text, done)
        return done.stdout + done.stderr

    def line_of(start):
        return next(n for n, line in enumerate(lines, 1) if line.startswith(start))

    def replaced(start, new):
        number = line_of(start)
        return "\n".join(lines[:number - 1] + [new] + lines[number:]), number

    cases = [("port = ", 'port = 0'), ("port = ", 'port = 70000'), ("port = ", 'port = "1883"'), ("port = ", 'port = -1'),
             ("port = ", 'port = 1.5'), ("port = ", "port = "), ("id = ", 'id = ""'), ("id = ", "id = 5"),
             ("level = ", 'level = "loud"'), ("format = ", 'format = "xml"'), ("address = ", 'address = "nowhere at all"'),
             ("host = ", 'hosst = "127.0.0.1"'), ("url = ", 'url = "this is = not == a conninfo"'),
             ("password_file = ", 'password_file = "/does/not/exist"'), ("[log]", "[lgo]"),
             ("level = ", 'level = "info"\nlevel = "info"'), ("level = ", "level = [")]
    for start, new in cases:
        text, number = replaced(start, new)
        said = attempt(text)
        assert "broken.toml" in said, (new, said)
        assert f":{number}" in said or f"line {number}" in said or \
            f":{number + 1}" in said or f"line {number + 1}" in said, (new, number, said)
    for more, number in (("[keys]\nretry_s = [0]", 2), ("[keys]\ntries = 0", 2), ("[time]\nzone = \"Mars/Olympus\"", 2),
                         ("[ingest]\nqueue = 1", 2), ("[messages]\nretention_days = 0", 2), ("[surprise]\na = 1", 1)):
        said = attempt(good + "\n" + more + "\n")
        number += len(lines) + 1
        assert f":{number}" in said or f"line {number}" in said, (more, number, said)
    missing = subprocess.run([builds.XGATE, "serve", "--config", stand.folder / "not-there.toml"], capture_output=True,
                             text=True, timeout=60, env=builds.xgate_environment())
    assert missing.returncode != 0 and "not-there.toml" in missing.stderr + missing.stdout, missing


run(settings_errors_name_the_line)
