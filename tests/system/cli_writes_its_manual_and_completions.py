#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`xgate manual` and `xgate completion` know every command, option and choice that the program has: man takes the pages without
a warning, in English and Chinese; bash and zsh offer what may come next."""
import pathlib
import shutil
import subprocess
import tempfile

from stand import builds

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="xgate-manual-"))


def xgate(*words):
    return subprocess.run([builds.XGATE, *words], capture_output=True, text=True, check=True, timeout=60,
                          env=builds.xgate_environment()).stdout


def commands():
    """{group: [command, …]} of the program's own help; of a command that is no group none."""
    lines = xgate("--help").split("Commands · 命令:\n")[1].split("\n\n")[0].splitlines()
    found = {}
    for line in lines:
        words = line.split()
        found[words[0]] = line.rsplit(": ", 1)[1].split(", ") if ": " in line else []
    return found


def check_manual(known):
    xgate("manual", str(FOLDER))
    for folder in ("man1", "zh_CN/man1"):
        pages = {page.stem: page for page in (FOLDER / folder).iterdir()}
        assert set(pages) == {"xgate"} | {f"xgate-{word}" for word in known}, pages
        for page in pages.values():
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, check=True, env={"LC_ALL": "C.UTF-8", "MANWIDTH": "80",
                                                                                     "PATH": "/usr/bin:/bin"})
            assert not done.stderr, (page, done.stderr)
    english = (FOLDER / "man1" / "xgate-device.1").read_text(encoding="utf-8")
    assert "Register a device" in english and "注册设备" not in english, english
    chinese = (FOLDER / "zh_CN" / "man1" / "xgate-device.1").read_text(encoding="utf-8")
    assert "注册设备" in chinese and "\\-\\-secret" in chinese, chinese


def check_bash(known):
    script = FOLDER / "xgate.bash"
    script.write_text(xgate("completion", "bash"), encoding="utf-8")

    def offered(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        code = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _xgate; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return set(subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER).stdout.split())

    assert set(known) <= offered("xgate", ""), offered("xgate", "")
    for group, below in known.items():
        if below:
            assert set(below) <= offered("xgate", group, ""), group
    assert offered("xgate", "pro") == {"product", "properties"}
    assert offered("xgate", "product", "add", "--kind", "") == {"json", "hex", "transparent"}
    assert offered("xgate", "product", "add", "--n") == {"--name"}
    assert "xgate.bash" in offered("xgate", "--token-file", ""), "files of the folder"


def check_zsh(known):
    script = FOLDER / "_xgate"
    script.write_text(xgate("completion", "zsh"), encoding="utf-8")

    def offered(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        # in place of the completion system's own functions, which want a terminal
        code = ("_describe() { print -rl -- \"${(@P)2}\" }; _arguments() { print -rl -- \"$@\" }; "
                f"words=({quoted}); CURRENT={len(words)}; source {script}")
        done = subprocess.run(["zsh", "-fc", code], capture_output=True, text=True, check=True)
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()

    assert set(known) <= {line.split(":")[0] for line in offered("xgate", "")}
    kind, = (line for line in offered("xgate", "product", "add", "") if line.startswith("--kind["))
    assert set(kind.rsplit("(", 1)[1].rstrip(")").split()) == {"transparent", "json", "hex"}, kind
    assert any(line.startswith("add:Register a device") for line in offered("xgate", "device", "")), "with the descriptions"


def main():
    try:
        known = commands()
        assert len(known) > 20 and "add" in known["device"], known
        check_manual(known)
        check_bash(known)
        if shutil.which("zsh"):
            check_zsh(known)
    finally:
        shutil.rmtree(FOLDER)
    print("cli_writes_its_manual_and_completions: as required")


main()
