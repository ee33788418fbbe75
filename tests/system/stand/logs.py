# SPDX-License-Identifier: Apache-2.0
"""What no log of any part may ever hold."""
import re

_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
                        r"SUMMARY: \w+Sanitizer|terminate called|Assertion .* failed")


def find_sanitizer_report(text):
    match = _SANITIZER.search(text)
    return text[max(0, match.start() - 200):match.start() + 4000] if match else None


def find_secrets(text, secrets):
    """The names of the secrets that stand in a text, in whatever case."""
    folded = text.casefold()
    return [name for secret, name in secrets.items() if secret.casefold() in folded]
