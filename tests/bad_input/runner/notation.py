# SPDX-License-Identifier: Apache-2.0
"""The two small notations of the catalogue: texts with ${…} in them, and packets by the byte.

text    anything, with ${name}            a value of the scene, such as ${T}
                       ${1000*`[`}       a text so many times
                       ${x`fffe`}         bytes in hex; ${9*x`00`} so many times
                       ${seal`{"a":1}`}   a function of the scene of a text
packet  10 c200        bytes in hex
        "text" s"text" a text, and one after its length in two bytes (MQTT's strings)
        [ … ]          what is inside, after its length as a variable byte integer
        3000*x 3000*( … )   so many times
"""
import re
import struct

_IN_TEXT = re.compile(r"\$\{([^`{}]*)(?:`([^`]*)`)?\}", re.S)
_TOKEN = re.compile(r"""\s+|(?P<times>\d+)\*|(?P<open>[(\[])|(?P<close>[)\]])|(?P<string>s?)"(?P<text>[^"]*)"|"""
                    r"""(?P<hex>(?:[0-9a-fA-F]{2})+)""", re.S)


class NotationError(Exception):
    pass


def to_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def text(template, scene):
    """The bytes of a text; `scene` gives values by name, and functions of a text."""
    out, at = [], 0
    for match in _IN_TEXT.finditer(template):
        out.append(template[at:match.start()].encode())
        out.append(_value(match[1], match[2], scene))
        at = match.end()
    out.append(template[at:].encode())
    return b"".join(out)


def _value(name, argument, scene):
    if argument is None:
        return to_bytes(scene.value(name))
    if name == "x":
        return bytes.fromhex(argument)
    if name.endswith("*"):
        return argument.encode() * int(name[:-1])
    if name.endswith("*x"):
        return bytes.fromhex(argument) * int(name[:-2])
    return to_bytes(scene.function(name, argument))


def with_length(body):
    """A variable byte integer and what it counts."""
    length, out = len(body), bytearray()
    while True:
        byte, length = length % 128, length // 128
        out.append(byte | (0x80 if length else 0))
        if not length:
            return bytes(out) + body


def packet(expression, scene):
    tokens, at = [], 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if not match:
            raise NotationError(f"not understood: {expression[at:at + 40]!r}")
        if match.lastgroup:
            tokens.append(match)
        at = match.end()
    out, rest = _items(tokens, 0, scene, None)
    if rest != len(tokens):
        raise NotationError("a bracket is closed that was never opened")
    return out


def _items(tokens, at, scene, until):
    out = []
    while at < len(tokens):
        if tokens[at]["close"]:
            if tokens[at]["close"] != until:
                raise NotationError(f"{tokens[at]['close']} closes nothing here")
            return b"".join(out), at + 1
        item, at = _item(tokens, at, scene)
        out.append(item)
    if until:
        raise NotationError(f"{until} is missing")
    return b"".join(out), at


def _item(tokens, at, scene):
    token = tokens[at]
    if token["times"]:
        item, at = _item(tokens, at + 1, scene)
        return item * int(token["times"]), at
    if token["open"]:
        body, at = _items(tokens, at + 1, scene, ")" if token["open"] == "(" else "]")
        return (body if token["open"] == "(" else with_length(body)), at
    if token["hex"]:
        return bytes.fromhex(token["hex"]), at + 1
    data = text(token["text"], scene)
    return (struct.pack("!H", len(data)) + data if token["string"] else data), at + 1


def shown(data, most=160):
    """Bytes as a person can read and copy them, cut to a line's length."""
    data = to_bytes(data)
    readable = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in data[:most]) >= 0.7 * len(data[:most])
    part = repr(data[:most])[1:] if readable else data[:most // 2].hex(" ")
    return part + (f" … ({len(data)} bytes)" if len(data) > (most if readable else most // 2) else "")
