# SPDX-License-Identifier: Apache-2.0
"""Waiting for the thing itself, with a deadline. Never a bare sleep as synchronisation."""
import os
import time

# Sanitized builds are several times slower; a deadline is no measurement.
PATIENCE = float(os.environ.get("XGATE_TEST_PATIENCE", "1"))


class DeadlinePassed(AssertionError):
    pass


def seconds(count):
    return count * PATIENCE


def wait_until(condition, what, timeout=20.0, every=0.01):
    """Returns the first true value of `condition()`; `what` completes "waited … for"."""
    deadline = time.monotonic() + seconds(timeout)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise DeadlinePassed(f"waited {seconds(timeout):.0f} s for {what}; last seen: {value!r}")
        time.sleep(every)
