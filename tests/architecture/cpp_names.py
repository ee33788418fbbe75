# SPDX-License-Identifier: Apache-2.0
"""The names that a C++ file defines in its namespaces. It relies on the layout that clang-format gives."""

import re
from dataclasses import dataclass

NAMESPACE = re.compile(r"(?:inline\s+)?namespace(?:\s+([\w:]+))?$")
TYPE = re.compile(r"(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(\w+)\s*(?:final\s*)?(?::[^:].*)?$")
FUNCTION = re.compile(r"(operator[^\w\s(]*|[~\w:]+)\s*\(")
ALIAS = re.compile(r"using (\w+) =")
MARK = re.compile(r"[{}()\[\];]")
VARIABLE = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$")
NO_NAME = re.compile(r"(using|namespace|static_assert|friend|typedef|extern|class|struct|union|enum)\b|$")


@dataclass(frozen=True)
class Name:
    namespace: str
    name: str
    kind: str  # type, function, alias or variable
    own: bool  # in an unnamed namespace, or a constant (which in a .cpp is the same)
    line: int
    shape: str  # a function's parameters, without their names; an alias' whole text; else empty


def without_templates(head):
    """The head without template parameters and arguments."""
    head = re.sub(r"operator\s*(<=>|<<|>>|<=|>=|->|<|>)", "operator@", head)
    shorter = re.sub(r"\b(template\s*)?<[^<>]*>|<[^<>]*>", " ", head)
    while shorter != head:
        head, shorter = shorter, re.sub(r"<[^<>]*>", " ", shorter)
    return " ".join(re.sub(r"\btemplate\b", " ", head).split())


def closing(code, at):
    """Where the brace that opens at `at` is closed."""
    depth = 0
    for brace in re.compile(r"[{}]").finditer(code, at):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.start()
    return len(code) - 1


def parameters(head):
    match = FUNCTION.search(head)
    depth, end = 0, match.end() - 1
    for end in range(match.end() - 1, len(head)):
        depth += (head[end] == "(") - (head[end] == ")")
        if depth == 0:
            break
    each = (re.sub(r"\bconst ", "", part.split("=")[0].strip()) for part in head[match.end() : end].split(","))
    return ", ".join(re.sub(r"\s+\w+$", "", part) for part in each)


class Reader:
    def __init__(self, code):
        self.code = code  # without comments and texts
        self.scopes = []  # "" is an unnamed namespace
        self.names = []

    def add(self, kind, name, head, at, shape=""):
        own = "" in self.scopes or (kind == "variable" and head.startswith(("const", "static ")))
        line = self.code.count("\n", 0, re.compile(r"\s*").match(self.code, at).end()) + 1
        if "::" not in name:  # a member's definition
            self.names.append(Name("::".join(filter(None, self.scopes)), name, kind, own, line, shape))

    def opened(self, head, at, opens):
        """What a brace at `opens` begins; returns where to read on, and the head so far (empty: it is over)."""
        scope = NAMESPACE.match(head)
        if scope or head == "extern":
            self.scopes.append((scope.group(1) or "") if scope else 'extern "C"')
            return opens + 1, ""
        end = closing(self.code, opens)
        if match := TYPE.match(head):
            self.add("type", match.group(1), head, at)
            return self.code.find(";", end) + 1, ""
        plain = re.sub(r"operator\s*\S+?\s*\(", "operator(", head)
        while "(" in plain and (inner := re.sub(r"\([^()]*\)", "", plain)) != plain:
            plain = inner
        follows = self.code[end + 1 :].lstrip()[:1]
        if "(" in head and "=" not in plain and follows not in (",", "{"):
            self.add("function", FUNCTION.search(head).group(1), head, at, parameters(head))
            return end + 1, ""
        return end + 1, head + "{}"

    def ended(self, head, at):
        if match := ALIAS.match(head):
            self.add("alias", match.group(1), head, at, head)
        elif not NO_NAME.match(head):
            declared = re.split(r"=|\{", head)[0]
            if "(" not in declared and (match := VARIABLE.search(declared)):
                self.add("variable", match.group(1), head, at)

    def read(self):
        here = start = parentheses = 0
        head = ""
        while mark := MARK.search(self.code, here):
            char, at = mark.group(), mark.start()
            head += self.code[here:at]
            here = at + 1
            parentheses += (char in "([") - (char in ")]")
            if char == "{" and parentheses == 0:
                here, head = self.opened(without_templates(head), start, at)
                start = start if head else here
            elif char == "{":
                here = closing(self.code, at) + 1
            elif char in "};" and parentheses == 0:
                if char == ";":
                    self.ended(without_templates(head), start)
                elif self.scopes:
                    self.scopes.pop()
                head, start = "", here
            else:
                head += char
        return self.names


def names_in(code):
    return Reader(code).read()
