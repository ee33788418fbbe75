# SPDX-License-Identifier: Apache-2.0
"""The sentences that the C++ sources tell people, as templates: "there is no product {0}"; and the table of lib/texts."""
import re

CALLS = {
    # function → index of the argument that is the sentence
    "misused": 0, "failed": 0, "bad_request": 0, "not_found": 0, "conflict": 0, "unavailable": 0, "unauthorized": 0,
    "refused": 1, "refuse_whole": 1, "violation": 1, "note": 0, "refuse": 1, "fail": 1, "fault": 1,
    "no_longer_kept": 0,
}
# What goes to a log, to a device or to programmers only, which is English.
ENGLISH_ONLY = {"plugin/accounts.cpp", "plugin/options.cpp", "service/download/session.cpp", "service/firmware/content_store.cpp",
                "service/script/sandbox.cpp", "lib/protocol/aes.cpp", "lib/protocol/random.cpp"}
# Whose every phrase is said to people, wherever it stands: a choice, a list of notes, the half of a sentence.
PEOPLES = ("lib/protocol/", "service/flows/", "service/config/config.cpp", "cli/simulate/scenario_file.cpp",
           "cli/simulate/pattern.cpp", "lib/mqtt/reason.cpp")
# Of a library's sentences, which ours are made of; and of a case that there is none of.
LIBRARYS = {"empty input", "last read", "binary values are no JSON"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|R"\w*\((?:.|\n)*?\)\w*"|\'(?:[^\'\\]|\\.)+\'|//[^\n]*|\d[\w\'.]*|[A-Za-z_]\w*|.|\n')


def tokens(text):
    return [t for t in TOKEN.findall(text) if not t.isspace() and not t.startswith("//")]


def literal(token):
    if token.startswith('R"'):
        m = re.match(r'R"(\w*)\(((?:.|\n)*)\)\1"$', token)
        return m[2]
    body = token[1:-1]
    return bytes(body, "utf-8").decode("unicode_escape").encode("latin-1", "ignore").decode("utf-8", "ignore") if "\\" in body else body


def is_literal(token):
    return token.startswith(('"', 'R"'))


def arguments(toks, at):
    """Those of the call whose ( stands at `at`, and where it ends."""
    depth, current, found = 0, [], []
    for i in range(at, len(toks)):
        t = toks[i]
        if t in "([{" and len(t) == 1:
            depth += 1
            if depth == 1:
                continue
        if t in ")]}" and len(t) == 1:
            depth -= 1
            if depth == 0:
                if current:
                    found.append(current)
                return found, i
        if t == "," and depth == 1:
            found.append(current)
            current = []
        else:
            current.append(t)
    return found, len(toks)


def template(toks):
    """Literals joined by +; whatever else stands between them is a place. None without words."""
    parts, depth, current = [], 0, []
    for t in toks + ["+"]:
        if t in ("(", "[", "{"):
            depth += 1
        elif t in (")", "]", "}"):
            depth -= 1
        if t == "+" and depth == 0:
            parts.append(current)
            current = []
        else:
            current.append(t)
    out, places = "", 0
    for part in parts:
        inner = part
        if len(part) >= 4 and part[:4] == ["std", ":", ":", "string"] and part[4:5] == ["("]:
            inner = part[5:-1]
        if inner and all(is_literal(t) for t in inner):
            out += "".join(literal(t) for t in inner)
        else:
            out += "{%d}" % places
            places += 1
    words = re.sub(r"\{\d\}", "", out)
    return out if re.search(r"[a-z]{3} [a-z]|[a-z]{4}", words) and " " in words.strip() else None


def is_requirement(toks):
    return len(toks) == 1 and re.fullmatch(r'"([A-Z0-9]+-\d+)?"', toks[0])


def sentences(text):
    toks = tokens(text)
    for i, t in enumerate(toks[:-1]):
        if t == "{":  # a fault as it is: {"AUTH-5", "the auth request was not answered", ""}
            args, _ = arguments(toks, i)
            if len(args) == 3 and is_requirement(args[0]):
                yield from filter(None, map(template, args[1:]))
        if t in CALLS and toks[i + 1] == "(":
            args, _ = arguments(toks, i + 1)
            index = CALLS[t]
            if len(args) <= index:
                continue
            cand = args[index]
            # a choice between two sentences is two sentences
            alts = [cand]
            if "?" in cand and ":" in cand:
                q = cand.index("?")
                rest = cand[q + 1:]
                if ":" in rest:
                    c = rest.index(":")
                    alts = [rest[:c], rest[c + 1:]]
            for a in alts:
                made = template(a)
                if made:
                    yield made


def phrases(text):
    """Every literal of words, wherever it stands."""
    run = ""
    for t in tokens(text) + [";"]:
        if is_literal(t):
            run += literal(t)
            continue
        said = run.strip(" ,;:().]")
        if re.search(r"[a-z] [a-z]", said) and not re.search("[一-龥]", said):
            yield said
        run = ""


class Table:
    """Of English texts: which sentences it knows, also those made of several."""

    JOINTS = ("; ", ": ", ", ")

    def __init__(self, texts):
        self._patterns = []
        self._texts = [re.sub(r"\{\d\}", "X", text) for text in texts]
        for text in texts:
            parts = re.split(r"\{\d\}", text)
            self._patterns.append(re.compile("(?s:.*)".join(re.escape(part) for part in parts)))

    @staticmethod
    def of_sources(sources):
        texts = []
        for text in sources:
            texts += [literal(match) for match in re.findall(r'\{("(?:[^"\\]|\\.)*"),', text)]
        return Table(texts)

    def knows(self, sentence):
        if any(pattern.fullmatch(sentence) for pattern in self._patterns):
            return True
        without_id = re.sub(r" \([A-Z0-9]+-[A-Z0-9]+\)$", "", sentence)
        if without_id != sentence:
            return self.knows(without_id)
        return any(self.knows(sentence[at.end():]) for joint in self.JOINTS for at in re.finditer(re.escape(joint), sentence))

    def knows_template(self, template):
        """Halves are said of something: "is missing" of a member."""
        places = re.compile(r"\{\d\}|%[a-z]+")
        sentence = places.sub("X", template).strip()
        half = re.compile(".*".join(re.escape(part) for part in places.split(template.strip())))
        if template.startswith("{0} ") and self.knows_template(template[4:]):
            return True
        return (self.knows(sentence) or self.knows("X " + sentence) or self.knows(sentence + " X")
                or any(half.search(text) for text in self._texts))

    def has_part(self, phrase):
        return any(phrase in text for text in self._texts)


# What ./run says, and its here-documents.
SAYING = re.compile(r"(?<![\w-])(?:say|step|fail|wrong_usage)(?=(?: |\\\n)+\")")
SAID_LINES = re.compile(r"say_lines <<'?([A-Z]+)'?\n(.*?)\n\1\n", re.S)
COMMAND_LINE = re.compile(r" {5,}xgate|  PATH=|  \{0\}$")


def shell_string(text, at):
    """The one in double quotes at `at`, with places for what is put in, and where it ends."""
    out, places, at = "", 0, at + 1
    while text[at] != '"':
        if text[at] == "\\":
            out, at = out + text[at + 1], at + 2
        elif text[at] == "$" and (value := shell_value(text, at)) > at:
            out, places, at = out + "{%d}" % places, places + 1, value
        else:
            out, at = out + text[at], at + 1
    return out, at + 1


def shell_value(text, at):
    """Where the $name, ${…} or $(…) ends that begins there."""
    pairs = {"(": ")", "{": "}"}
    if text[at + 1] not in pairs:
        return at + len(re.match(r"\$(?:\w+|)", text[at:])[0])
    depth, opening = 0, text[at + 1]
    for end in range(at + 1, len(text)):
        depth += (text[end] == opening) - (text[end] == pairs[opening])
        if depth == 0:
            return end + 1
    return at


def said_by_shell(text):
    """Each sentence that say, step, fail and wrong_usage are given, and each line of a here-document that is said."""
    for call in SAYING.finditer(text):
        at = call.end()
        while (string := re.match(r'(?: |\\\n)*"', text[at:])):
            sentence, at = shell_string(text, at + len(string[0]) - 1)
            yield sentence
    for document in SAID_LINES.finditer(text):
        for line in document[2].splitlines():
            yield shell_string('"' + line.replace('"', '\\"') + '"', 0)[0]


def shell_table(text):
    """The pairs of chinese.bash."""
    strings = [s.replace('\\"', '"') for s in re.findall(r'^  "((?:[^"\\]|\\.)*)"$', text, re.M)]
    return list(zip(strings[::2], strings[1::2]))
