# SPDX-License-Identifier: Apache-2.0
"""`xgate` as a person sees it: on a terminal of so many columns."""
import fcntl
import os
import pty
import struct
import subprocess
import termios

from . import builds
from .waiting import seconds


def on_a_terminal(stand, columns, *arguments, **environment):
    terminal, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    running = subprocess.Popen([builds.XGATE, *arguments], stdin=subprocess.DEVNULL, stdout=other, stderr=subprocess.PIPE,
                               env={**builds.xgate_environment(), "XGATE_URL": stand.service.url, "NO_COLOR": "1",
                                    "XGATE_TOKEN_FILE": str(stand.service.token_file), **environment})
    os.close(other)
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:  # how Linux tells that nobody writes there any more
        pass
    finally:
        os.close(terminal)
    assert running.wait(timeout=seconds(20)) == 0, running.stderr.read()
    return said.decode().replace("\r\n", "\n").splitlines()
