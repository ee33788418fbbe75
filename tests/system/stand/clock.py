# SPDX-License-Identifier: Apache-2.0
"""The clock of one part, moved by libfaketime: what the part takes for the date, neither the machine's clock nor the time
that passes."""
import pathlib

_LIBRARY = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class Clock:
    def __init__(self, folder, name):
        self._file = folder / f"{name}.clock"
        self.moved = False  # a part that starts while this is false has the machine's clock

    @staticmethod
    def possible():
        return bool(_LIBRARY)

    def set(self, seconds):
        """So far from the machine's, from now on, also for parts that run."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{seconds:+d}\n")
        draft.chmod(0o644)
        draft.replace(self._file)
        self.moved = True

    def environment(self, env):
        return {**env, **self._variables(env.get("LD_PRELOAD", ""))} if self.moved else env

    def prefix(self):
        """The same for a program that becomes another user first: the library has files of its own."""
        return ["env", *(f"{name}={value}" for name, value in self._variables("").items())] if self.moved else []

    def _variables(self, preloaded):
        return {"LD_PRELOAD": f"{preloaded} {_LIBRARY[0]}".strip(), "FAKETIME_TIMESTAMP_FILE": str(self._file),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}
