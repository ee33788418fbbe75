# SPDX-License-Identifier: Apache-2.0
"""The examples of the documentation's pages, and a shell to paste them into."""
import os
import re
import signal
import subprocess
import threading

from . import builds
from .waiting import seconds

# Which test runs the blocks of a page, or of the pages in a folder; and of the few that none can run, what runs it instead.
RUN_BY = {
    "README.md": "tests/system/docs_readme_works_in_bash.py",
    "README.zh-CN.md": "tests/system/docs_readme_works_in_zsh.py",
    "docs/abuse.md": "tests/system/docs_abuse_examples_work.py",
    "docs/bad-input.md": "tests/system/docs_bad_input_examples_work.py",
    "docs/command-line.md": "tests/system/docs_command_line_examples_work.py",
    "docs/command-line.zh-CN.md": "tests/system/docs_command_line_examples_work_in_chinese.py",
    "docs/containers.md": "tests/containers/whole_way.py",
    "docs/faults.md": "tests/system/docs_faults_examples_work.py",
    "docs/flows/": "tests/system/docs_flows_examples_work.py",
    "docs/hex-scripts.md": "tests/system/docs_hex_scripts_examples_work.py",
    "docs/operations.md": "tests/debian/operations.py",
}
LEFT_OUT = {
    "./run": "starts what the test has started; run_starts_stops_and_keeps_its_state",
    "./test": "is what runs this",
    "cmake --preset release && cmake --build build": "has made what this runs",
}


def pages():
    """{name: its path}, of all that a user reads."""
    found = [*builds.SOURCE.glob("README*.md"), *(builds.SOURCE / "docs").rglob("*.md")]
    return {str(path.relative_to(builds.SOURCE)): path for path in sorted(found)}


def blocks_of(path):
    """[(language, text), …]"""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)


def commands_of(block, said_begins="# "):
    """The commands of a shell block, continued lines joined, each with the output that stands below it."""
    commands, said = [], None
    for line in block.replace("\\\n", " ").splitlines():
        if not line.strip():
            said = None
        elif not line.startswith("#"):
            said = []
            commands.append((re.sub(r"\s+# .*$", "", line), said))
        elif said is not None:
            said.append(line.removeprefix(said_begins))
    return commands


def dialogue_of(block):
    """The commands of a `console` block, each with all that it prints."""
    dialogue = []
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, said = re.fullmatch(r"((?:.*\\\n)*.*)\n((?:.*\n)*)", part).groups()
        dialogue.append((command.replace("\\\n", " "), said.splitlines()))
    return dialogue


def examples_of(path):
    return [example for language, block in blocks_of(path) if language == "sh" for example in commands_of(block)
            if example[0] not in LEFT_OUT]


def says(line):
    """A pattern of a printed line: … stands for anything, ids and what is measured differ from run to run."""
    pattern = re.escape(line).replace("…", ".*")
    pattern = re.sub(r"((?:\bcommand|\bcommand\\ show|\bjob|in_job|命令|任务)(?:\\ | ))\d+", r"\1\\d+", pattern)
    measured = r"\1 \\d+\\.\\d (us|ms)\2 \\d+ \3 \\S+ \\S+ [+-]\\d\\d:\\d\\d"
    return re.sub(r"^(time|用时)\\ .*(,\\ memory|，内存)\\ .*(bytes,\\ at|字节，时钟)\\ .*", measured, pattern)


def run_dialogue(shell, block):
    """A `console` block: what is typed, all that is printed, and a status where the last line is xgate's sentence."""
    for command, said in dialogue_of(block):
        status, output = shell.run(command)
        printed = [line.rstrip() for line in output.splitlines() if line.strip()]
        fits = len(printed) == len(said) and all(re.fullmatch(says(line), got) for line, got in zip(said, printed))
        assert fits, f"{command}\nthe page:\n" + "\n".join(said) + "\nit printed:\n" + "\n".join(printed)
        assert (status != 0) == said[-1].startswith("xgate: "), (command, status, said)


class Shell:
    """Somebody's terminal: what is typed stays typed, what runs in the background goes on."""

    def __init__(self, folder, environment, program="bash"):
        self._shell = subprocess.Popen([program], cwd=folder, env=environment, text=True, start_new_session=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """Status and output."""
        self._shell.stdin.write(f'{command}\nprintf "\\n@@@%d\\n" $?\n')
        self._shell.stdin.flush()
        patience = threading.Timer(seconds(60), self.end)
        patience.start()
        lines = []
        for line in self._shell.stdout:
            if line.startswith("@@@"):
                patience.cancel()
                return int(line.removeprefix("@@@")), "".join(lines)
            lines.append(line)
        raise AssertionError(f"{command}: no end\n{''.join(lines)}")

    def must(self, command):
        status, output = self.run(command)
        assert status == 0, f"{command}\n{output}"
        return output

    def end(self):
        try:
            os.killpg(self._shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._shell.wait()


def checkout(stand):
    """A folder that looks like a checkout in which ./run runs: where the pages' commands are typed."""
    home = stand.folder / "home"
    for link, to in (("docs", builds.SOURCE / "docs"), ("build/bin", builds.XGATE.parent), ("var/admin.token", stand.service.token_file)):
        (home / link).parent.mkdir(parents=True, exist_ok=True)
        (home / link).symlink_to(to)
    return home


def terminal(stand, program="bash", **environment):
    """A shell in the checkout, which still needs the pages' PATH. The ports are the test's own, and a refusal of the API ends
    with a status."""
    environment = {**os.environ, **builds.xgate_environment(), "XGATE_URL": stand.service.url, **environment}
    environment.pop("XGATE_TOKEN_FILE", None)
    shell = Shell(checkout(stand), environment, program)
    for name in ("mosquitto_pub", "mosquitto_rr", "mosquitto_sub"):
        shell.must(f'{name}() {{ command {name} -p {stand.broker.port} "$@"; }}')
    shell.must("curl() { command curl --fail-with-body --noproxy '*' \"$@\"; }")
    shell.must(f'xgate() {{ if [ "$1" = simulate ]; then set -- "$@" --port {stand.broker.port}; fi; command xgate "$@"; }}')
    return shell
