# SPDX-License-Identifier: Apache-2.0
"""Where the parts under test are."""
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("XGATE_BUILD_DIR", SOURCE / "build" / "dev"))
XGATE = BUILD / "bin" / "xgate"
PLUGIN = BUILD / "lib" / "mosquitto_xgate.so"


def find_mosquitto():
    for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/usr/local/sbin"]:
        path = os.path.join(folder, "mosquitto")
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError("mosquitto is not installed")


def _sanitizer_libraries():
    """What the plugin was linked with and the broker was not, so must be loaded before it."""
    out = subprocess.run(["ldd", PLUGIN], capture_output=True, text=True, check=True).stdout
    libraries = [line.split("=>")[1].split()[0] for line in out.splitlines()
                 if re.search(r"lib[atu]b?san\.so.* =>", line)]
    first = BUILD / "lib" / "libasan_first.so"
    if libraries and not first.exists():  # the loader would only say so, and the broker hang in gettext's locks
        raise RuntimeError(f"{first} is not built: build all of that tree")
    return libraries and libraries + [str(first)]


def xgate_environment():
    env = dict(os.environ)
    env.pop("XGATE_URL", None)
    env.pop("XGATE_TOKEN_FILE", None)
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    env["ASAN_OPTIONS"] = "detect_stack_use_after_return=1"
    return env


def broker_environment():
    env = xgate_environment()
    libraries = _sanitizer_libraries()
    if libraries:
        env["LD_PRELOAD"] = " ".join(libraries)
        # Mosquitto itself leaves memory behind at its end, and was not built for this.
        env["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0"
    return env
