# SPDX-License-Identifier: Apache-2.0
"""What no log of any part may ever hold."""
import re

_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
                        r"SUMMARY: \w+Sanitizer|terminate called|Assertion .* failed")
# A control character, or a line that began as somebody's text: who reads a log must not be fooled by a client.
_FORGED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|^FORGED", re.M)
# Mosquitto 2.0.21 writes the client id into its own log, as it came, of what it has found to be UTF-8 without control characters.
_BROKERS_OWN = re.compile(r"^\S+: Client [^\n]* disconnected, not authorised\.$", re.M)


def find_sanitizer_report(text):
    match = _SANITIZER.search(text)
    return text[max(0, match.start() - 200):match.start() + 4000] if match else None


def find_secrets(text, secrets):
    """The names of the secrets that stand in a text, in whatever case."""
    folded = text.casefold()
    return [name for secret, name in secrets.items() if secret.casefold() in folded]


class Watch:
    """The logs of a stand, a look at a time, an overlap for what stands on the border."""

    def __init__(self, stand):
        self._stand = stand
        self._read = {}

    def faults(self):
        """What no log may hold, of what was logged since the last look."""
        found = []
        for path in self._stand.folder.glob("*.log"):
            start = max(0, self._read.get(path, 0) - 200)
            with open(path, "rb") as file:
                file.seek(start)
                new = file.read()
            self._read[path] = start + len(new)
            text = new.decode("utf-8", "replace")
            forged = _FORGED.search(_BROKERS_OWN.sub("", text))
            if forged:
                found.append(f"{path.name} was written into: {forged.string[max(0, forged.start() - 80):forged.end() + 80]!r}")
            report = find_sanitizer_report(text)
            if report:
                found.append(f"{path.name}: {report}")
            found += [f"{path.name} holds a secret: the {what}" for what in find_secrets(text, self._stand.secrets)]
        return found
