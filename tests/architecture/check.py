# SPDX-License-Identifier: Apache-2.0
"""check.py ROOT RULE: holds one rule of rules.py against the checkout at ROOT."""

import sys

import rules


def main():
    root, wanted = sys.argv[1:]
    rule = {rule.__name__: rule for rule in rules.RULES}[wanted]
    tree = rules.Tree(root)
    if not tree.texts:
        sys.exit(f"there are no files in {root}")
    complaints = list(rule(tree))
    print("\n".join(complaints) or f"{wanted}: {len(tree.texts)} files, nothing to complain of")
    sys.exit(1 if complaints else 0)


main()
