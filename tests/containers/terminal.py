# SPDX-License-Identifier: Apache-2.0
"""A command on a terminal of its own, as a person runs it."""
import os
import pty
import select
import subprocess
import time


def run_on_terminal(argv, answers=(), timeout=120, **options):
    """(status, output). answers: (what it asks, what is typed then), in this order, each once."""
    ours, its = pty.openpty()
    process = subprocess.Popen(argv, stdin=its, stdout=its, stderr=its, start_new_session=True, **options)
    os.close(its)
    said, unread, answers = b"", b"", list(answers)
    deadline = time.monotonic() + timeout
    try:
        while True:
            if not select.select([ours], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{argv} did not end in {timeout} s; it said:\n{said.decode(errors='replace')}")
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                part = b""
            if not part:
                return process.wait(), said.decode(errors="replace").replace("\r\n", "\n")
            said += part
            unread += part
            if answers and answers[0][0].encode() in unread:
                os.write(ours, answers.pop(0)[1].encode() + b"\n")
                unread = b""
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()
