#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cmake/version.cmake: for dpkg every later build is newer than every earlier one, also of sources that are not committed."""
import pathlib
import shutil
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def run(*command, cwd):
    return subprocess.run([str(word) for word in command], cwd=cwd, check=True, capture_output=True, text=True)


def package_version(folder):
    """As cpack gets it."""
    shown = run("cmake", "-P", "show.cmake", cwd=folder).stderr
    return shown.strip()


def main():
    with tempfile.TemporaryDirectory(prefix="xgate-versions-") as name:
        folder = pathlib.Path(name)
        (folder / "cmake").mkdir()
        for part in ("version.cmake", "package_version.cmake"):
            shutil.copy(SOURCE / "cmake" / part, folder / "cmake")
        (folder / "show.cmake").write_text('set(CPACK_PACKAGE_VERSION 0.1.0)\ninclude(cmake/package_version.cmake)\n'
                                           'message("${CPACK_DEBIAN_PACKAGE_VERSION}")\n', encoding="utf-8")
        versions = [package_version(folder)]  # without git: an archive of the sources
        git = ("git", "-c", "user.name=test", "-c", "user.email=test@example.com")
        run(*git, "init", "-q", cwd=folder)
        for change in range(3):
            (folder / "source").write_text(f"{change}\n", encoding="utf-8")
            if change:
                versions.append(package_version(folder))
                before = time.time()
                while int(time.time()) == int(before):  # what is not committed is told apart by the second
                    time.sleep(0.05)
                versions.append(package_version(folder))
            run(*git, "add", "-A", cwd=folder)
            run(*git, "commit", "-q", "-m", f"change {change}", cwd=folder)
            versions.append(package_version(folder))
        for earlier, later in zip(versions, versions[1:]):
            run("dpkg", "--compare-versions", earlier, "lt", later, cwd=folder)
    assert len(versions) == len(set(versions)) == 8, versions
    print("versions: as required,", ", ".join(versions))


main()
