# SPDX-License-Identifier: Apache-2.0
"""What this repository holds itself to, beyond what compilers see. ARCHITECTURE.md and CONTRIBUTING.md say why.

Every rule takes a Tree and yields complaints, `path:line: what is wrong`.
"""

import ast
import re
from itertools import combinations
from pathlib import Path

from cpp_names import names_in
from sentences import COMMAND_LINE, ENGLISH_ONLY, LIBRARYS, PEOPLES, Table, phrases, said_by_shell, sentences, shell_table

MAX_FUNCTION_LINES = 70

# Room → rooms whose headers it may include, besides its own. A room is a folder; the longest that fits counts.
ARROWS = {
    "lib/protocol": set(),
    "lib/link": {"lib/protocol"},
    "lib/mqtt": set(),
    "lib/clock": set(),
    "lib/printable": set(),
    "lib/texts": set(),
    "lib/pg": set(),
    "lib/directory": {"lib/protocol", "lib/pg"},
    "plugin": {"lib/protocol", "lib/link", "lib/directory", "lib/pg", "lib/clock", "lib/printable"},
    "sql": set(),
    "service": {"lib/protocol", "lib/link", "lib/mqtt", "lib/pg", "lib/clock", "lib/printable", "lib/texts", "sql"},
    "cli": {"lib/protocol", "lib/mqtt", "lib/clock", "lib/printable", "lib/texts", "service/app", "service/config"},
    "benchmarks": {"lib/protocol", "lib/mqtt"},
    "benchmarks/echo": {"lib/protocol", "lib/mqtt", "service/ingest"},
}

# Library headers that belong to some rooms alone: pattern → rooms.
FENCED_HEADERS = {
    r"libpq-fe\.h|libpq/.*|postgresql/.*": {"lib/pg"},
    r"mosquitto.*\.h": {"plugin"},
    r"boost/(asio|beast)/.*|boost/(asio|beast)\.hpp": {"lib/mqtt", "service", "cli", "benchmarks/echo"},
    r"curl/.*": {"cli"},
    r"duktape\.h|seccomp\.h": {"service"},
    r"spdlog/.*|prometheus/.*": {"service"},
    r"toml\+\+/.*": {"service", "cli"},
}

SKIPPED_FOLDERS = {".git", "build", "var", ".cache", "__pycache__", "node_modules"}
CPP = {".cpp", ".hpp", ".c", ".h"}
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|$)")
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|^\s*#\s*if\s+0\b|^(<{7}|>{7})( |$)")
OUTSIDE_PATHS = re.compile(r"/work/|/home/\w|shared/protocol|\.\./shared\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Tree:
    """The files of a checkout, read once."""

    def __init__(self, root):
        self.root = Path(root)
        self.texts = {}
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if SKIPPED_FOLDERS & set(relative.parts) or not path.is_file():
                continue
            try:
                self.texts[relative.as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass  # a fuzzer's seed or a picture

    def sources(self, suffixes):
        return ((p, t) for p, t in self.texts.items() if Path(p).suffix in suffixes)


# ------------------------------------------------------------------------------------------------------ arrows
def room_of(path):
    fitting = [room for room in ARROWS if path.startswith(room + "/")]
    return max(fitting, key=len, default=None)


def included_file(tree, header):
    """The repository's path of `#include "header"`: by room, as CMake's include directories have it."""
    for candidate in (header, "lib/" + header):
        if candidate in tree.texts:
            return candidate
    return None


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def allows(room, target):
    return any(target.startswith(allowed + "/") for allowed in ARROWS[room] | {room})


def arrows(tree):
    for path, text in tree.sources(CPP):
        room = room_of(path)
        if room is None:
            continue
        for number, ours, header in includes(text):
            target = included_file(tree, header) if ours else None
            # "sql/migrations.hpp" is made by the build
            target = target or (header if ours and room_of(header) else None)
            if target and room_of(target) and not allows(room, target):
                yield f"{path}:{number}: {room} may not include {target}"


def folders_in_order(tree):
    """Folders of a room that stand beside one another (service/api, service/store …) do not include one another in a circle."""
    uses, where = {}, {}
    for path, text in tree.sources(CPP):
        folder = str(Path(path).parent)
        for number, ours, header in includes(text):
            target = included_file(tree, header) if ours else None
            other = str(Path(target).parent) if target else folder
            apart = not f"{folder}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{folder}/")
            if apart and room_of(path) and room_of(path) == room_of(target):
                uses.setdefault(folder, set()).add(other)
                where.setdefault((folder, other), f"{path}:{number}")

    def reached(folder):
        found, ahead = set(), [folder]
        while ahead:
            for other in uses.get(ahead.pop(), set()) - found:
                found.add(other)
                ahead.append(other)
        return found

    for (folder, other), place in where.items():
        if folder in reached(other):
            yield f"{place}: {folder} includes {other}, which includes {folder} in turn"


def fenced_headers(tree):
    for path, text in tree.sources(CPP):
        room = room_of(path)
        if room is None:
            continue
        for number, _, header in includes(text):
            for pattern, rooms in FENCED_HEADERS.items():
                if re.fullmatch(pattern, header) and room not in rooms:
                    yield f"{path}:{number}: {header} belongs to {', '.join(sorted(rooms))} alone"


# Where text leaves for a terminal or a log: what writes there → the one file or folder that may. All others hand it
# over as printable::Line, or as the log's own types, and cannot forget to escape it.
SINKS = {
    r"\bspdlog::|[<\"]spdlog/": ("service/observe/",),
    r"\bstd::(cout|cerr|clog)\b": ("cli/main.cpp", "service/app/script_worker.cpp"),
    r"\b(std::)?(printf|fprintf|puts|fputs)\(|\bstd::print": (),
    r"\bmosquitto_log_printf\b": ("plugin/broker.cpp",),
}


def sinks(tree):
    for path, text in tree.sources(CPP):
        if not path.startswith(("lib/", "plugin/", "service/", "cli/")):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, allowed in SINKS.items():
                if re.search(pattern, line) and not path.startswith(allowed):
                    yield f"{path}:{number}: text leaves by {', '.join(allowed) or 'nothing of these'} alone: {line.strip()}"


def flows_stand_alone(tree):
    """Of service/flows/, a flow includes its own header and what is shared (no flow of its own, so no .cpp)."""
    flows = {Path(p).stem for p in tree.texts if re.fullmatch(r"service/flows/\w+\.cpp", p)} - SHARED_BY_FLOWS
    for path, text in tree.sources(CPP):
        stem = Path(path).stem
        if not path.startswith("service/flows/") or stem not in flows:
            continue
        for number, _, header in includes(text):
            match = re.fullmatch(r"service/flows/(\w+)\.hpp", header)
            if match and match.group(1) != stem and match.group(1) in flows:
                yield f"{path}:{number}: flows never include one another ({header})"


# What flows are made of, and the table that picks one: no flows themselves.
SHARED_BY_FLOWS = set()


# ---------------------------------------------------------------------------------------------- function length
CPP_NOISE = re.compile(
    r'R"(?P<mark>[^()\\ ]{0,16})\((?:.|\n)*?\)(?P=mark)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"  # not a digit separator
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
    r"|^[ \t]*#(?:\\\n|[^\n])*",
    re.MULTILINE,
)
SCOPE = re.compile(r'\b(namespace|class|struct|union|enum)\b[^()]*$|\bextern\s*$')


def without_noise(text):
    return CPP_NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def cpp_functions(text):
    """(name, first line, last line) of every function body in a namespace or class."""
    code = without_noise(text)
    stack = []  # of each open brace: (kind, head, where the head began)
    head_start = parentheses = 0
    for at, char in enumerate(code):
        if char in "()":
            parentheses += 1 if char == "(" else -1
        elif char == "{":
            head = code[head_start:at]
            kind = kind_of_brace(head, parentheses, any(frame[0] == "body" for frame in stack))
            stack.append((kind, head, head_start))
            head_start = at + 1
        elif char == "}" and stack:
            kind, head, began = stack.pop()
            if kind == "body":
                name = name_in(head)
                first = code.count("\n", 0, began + len(head) - len(head.lstrip())) + 1
                yield name, first, code.count("\n", 0, at) + 1
            # a member's initialiser is a part of what stands before the constructor's body
            head_start = began if kind == "initialiser" else at + 1
        elif char == ";" and parentheses == 0:
            head_start = at + 1


def name_in(head):
    match = re.search(r"(operator[^\w\s(]*|[~\w:]+)\s*\(", head)
    return match.group(1) if match else " ".join(head.split())[:40]


def kind_of_brace(head, parentheses, inside_body):
    if inside_body or parentheses:
        return "inner"
    if SCOPE.search(head):
        return "scope"
    if not head[-1:].isspace() and "(" in head:
        return "initialiser"  # clang-format leaves no blank there, and one before a body
    return "body" if "(" in head else "scope"


def bash_functions(text):
    start = name = None
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"(\w+)\(\) [({]$", line)
        if match:
            name, start = match.group(1), number
        elif line in ("}", ")") and start:
            yield name, start, number
            start = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def functions_of(path, text):
    if Path(path).suffix in CPP:
        return cpp_functions(text)
    if Path(path).suffix == ".py":
        return python_functions(text)
    if Path(path).suffix == ".bash" or re.match(r"#!.*\b(ba)?sh\b", text):
        return bash_functions(text)
    return ()


def function_length(tree):
    for path, text in tree.texts.items():
        for name, first, last in functions_of(path, text):
            if last - first + 1 > MAX_FUNCTION_LINES:
                yield f"{path}:{first}: {name} has {last - first + 1} lines; {MAX_FUNCTION_LINES} fit a screen"


# ---------------------------------------------------------------------------------------------------- names
def names_of(tree, folders):
    """namespace::name → [(path, Name)], of what the files below these folders define."""
    found = {}
    for path, text in tree.sources({".cpp", ".hpp"}):
        if path.startswith(folders):
            for name in names_in(without_noise(text)):
                found.setdefault(f"{name.namespace}::{name.name}", []).append((path, name))
    return found


def clash(path, name, other_path, other):
    """Whether two files that define these cannot be compiled as one."""
    if path == other_path or not (name.own or other.own):
        return False
    if path.endswith(".hpp") and other_path.endswith(".hpp"):
        return False  # compilers see that
    if name.kind == other.kind == "alias":
        return name.shape != other.shape
    if name.kind == other.kind == "function" and name.own == other.own:
        return name.shape == other.shape
    return True


def names_apart(tree):
    """XGATE_UNITY compiles several files of a room as one: what stands in unnamed namespaces then stands in one."""
    for folders in (("lib/", "plugin/", "service/", "cli/", "sql/", "benchmarks/"), ("tests/unit/", "tests/fakes/")):
        for full, places in names_of(tree, folders).items():
            for (path, name), (other_path, other) in combinations(places, 2):
                if clash(path, name, other_path, other):
                    yield (f"{other_path}:{other.line}: {full} is there in {path}:{name.line} too, and these files are "
                           "compiled as one (XGATE_UNITY): say in the name what tells them apart, or keep one of them")
                    break


def types_once(tree):
    """One definition rule: a linker takes one of two types of a name, and no compiler sees both."""
    for full, places in names_of(tree, ("lib/", "plugin/", "service/", "cli/", "benchmarks/", "tests/")).items():
        shared = [(path, name.line) for path, name in places if name.kind == "type" and not name.own]
        for path, line in shared[1:]:
            if path != shared[0][0]:
                yield f"{path}:{line}: {full} is another type in {shared[0][0]}:{shared[0][1]}"


# ---------------------------------------------------------------------------------------------- every file
def wants_licence(path, text):
    name = Path(path).name
    return (
        Path(path).suffix in CPP | {".py", ".bash", ".cmake", ".sql", ".in", ".yml", ".yaml", ".service"}
        or name in {"CMakeLists.txt", "Dockerfile", "packages"}
        or text.startswith("#!")
    )


def licence_line(tree):
    for path, text in tree.texts.items():
        head = text.splitlines()[:3]
        if wants_licence(path, text) and not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
            yield f"{path}:1: no line `SPDX-License-Identifier: Apache-2.0`"


def leftovers(tree):
    for path, text in tree.texts.items():
        if path.startswith("tests/architecture/"):
            continue  # names what it looks for
        for number, line in enumerate(text.splitlines(), 1):
            if LEFTOVERS.search(line):
                yield f"{path}:{number}: a leftover: {line.strip()[:80]}"
            if OUTSIDE_PATHS.search(line):
                yield f"{path}:{number}: names a path outside the repository: {line.strip()[:80]}"


def file_names(tree):
    for path in tree.texts:
        if any(VAGUE_NAMES.search(Path(part).stem) for part in Path(path).parts):
            yield f"{path}:1: the name says nothing; name the thing"


def headers_once(tree):
    for path, text in tree.sources({".hpp"}):
        if "#pragma once" not in text:
            yield f"{path}:1: no #pragma once"


# One Chinese word for one thing: what must not be written → the word that is.
CHINESE_TERMS = {"鉴权": "认证", "话题": "主题", "时间同步": "校时", "同步时间": "校时", "对时": "校时", "缺省": "默认",
                 "需求编号": "条款编号", "要求编号": "条款编号", "存妥": "已入库", "了结": "判定完成", "消息": "报文",
                 "回复": "应答", "答复": "应答", "回答": "应答，HTTP 的为返回", "账户": "账号", "停用": "禁用",
                 "存储会话": "持久会话", "保留会话": "持久会话", "保存的会话": "持久会话", "固件镜像": "固件文件", "扮演": "模拟"}
RETAINED = "保留消息"  # MQTT's own term
# And in the prose of Chinese pages: not in code, not in 「…」, which is the protocol document's wording.
CHINESE_PROSE = {"topic": "主题", "Broker": "broker", "client id": "ClientId", "您": "nobody"}
NOT_PROSE = re.compile(r"^```.*?^```$|`[^`]*`|「[^」]*」|\([^()]*\.md[^()]*\)", re.M | re.S)


def in_prose(text):
    """The text with all else blanked: lines keep their numbers."""
    return NOT_PROSE.sub(lambda match: "\n" * match[0].count("\n"), text)


def chinese_terms(tree):
    for path, text in tree.texts.items():
        if path.startswith("tests/") or Path(path).suffix not in {".md", ".cpp", ".hpp", ".in", ".toml", ""}:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for wrong, right in CHINESE_TERMS.items():
                if wrong in line.replace(RETAINED, ""):
                    yield f"{path}:{number}: {wrong} is called {right} here"
        if not path.endswith(".zh-CN.md"):
            continue
        for number, line in enumerate(in_prose(text).splitlines(), 1):
            for wrong, right in CHINESE_PROSE.items():
                if re.search("[一-龥]", line) and re.search(rf"(?<![A-Za-z_/]){wrong}(?![A-Za-z_/])", line):
                    yield f"{path}:{number}: {wrong} is called {right} here"


def sentences_in_chinese(tree):
    table = Table.of_sources(text for path, text in tree.texts.items() if path.startswith("lib/texts/table/"))
    for path, text in tree.sources({".cpp"}):
        if not path.startswith(("lib/protocol/", "lib/mqtt/reason.cpp", "plugin/", "service/", "cli/")) or path in ENGLISH_ONLY:
            continue
        for sentence in sentences(text):
            if not table.knows_template(sentence):
                yield f"{path}:1: lib/texts has no Chinese for: {sentence}"
        if path.startswith(PEOPLES):
            for phrase in phrases(text):
                if phrase not in LIBRARYS and not table.has_part(phrase):
                    yield f"{path}:1: lib/texts has no Chinese for a part of: {phrase}"


def run_in_chinese(tree):
    rows = shell_table(tree.texts["deploy/run/chinese.bash"])
    for english, chinese in rows:
        if sorted(re.findall(r"\{\d\}", english)) != sorted(re.findall(r"\{\d\}", chinese)) or not re.search("[一-龥]", chinese):
            yield f"deploy/run/chinese.bash:1: not the same in both languages: {english}"
    known = Table([english for english, _ in rows])
    for path, text in tree.texts.items():
        if path != "run" and not (path.startswith("deploy/run/") and path.endswith(".bash")) or path.endswith(("/chinese.bash", "/say.bash")):
            continue
        for sentence in said_by_shell(text):
            words = re.sub(r"\{\d\}", "", sentence)
            if re.search("[a-z]{2} [a-z]{2}", words) and not COMMAND_LINE.match(sentence) and not known.knows(re.sub(r"\{\d\}", "X", sentence)):
                yield f"{path}:1: deploy/run/chinese.bash has no Chinese for: {sentence}"


RULES = [
    arrows,
    folders_in_order,
    fenced_headers,
    sinks,
    flows_stand_alone,
    function_length,
    names_apart,
    types_once,
    licence_line,
    leftovers,
    file_names,
    headers_once,
    chinese_terms,
    sentences_in_chinese,
    run_in_chinese,
]
