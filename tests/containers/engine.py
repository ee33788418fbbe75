# SPDX-License-Identifier: Apache-2.0
"""A Docker engine of our own in a machine of our own, and the images that it needs and no registry gives it."""
import io
import os
import pathlib
import shutil
import subprocess
import tarfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
_STAND_IN = pathlib.Path(__file__).resolve().parent / "postgres"


class Engine:
    def __init__(self, machine, folder):
        self.machine = machine
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "dockerd.log"
        self.env = {"DOCKER_HOST": f"unix://{self.folder}/docker.sock", "DOCKER_CONFIG": str(self.folder / "config"),
                    "DOCKER_BUILDKIT": "1", "HOME": str(self.folder)}
        (self.folder / "config").mkdir()
        self._process = None

    def start(self):
        self._process = self.machine.popen(
            ["dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
             "--host", self.env["DOCKER_HOST"], "--pidfile", self.folder / "dockerd.pid",
             "--cgroup-parent", f"/{self.machine.cgroup}"],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while self.run("docker", "info", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the engine did not start: {self.log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.2)

    def run(self, *argv, **options):
        options["env"] = {**self.env, **options.get("env", {})}
        return self.machine.run(argv, **options)

    def import_debian(self, release, tag):
        """What the registry calls debian:…-slim: a bare Debian whose servers do not start in it."""
        bare = subprocess.run([SOURCE / "tests/debian/bare_root", release], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()
        copy = self.folder / "debian.tar"
        shutil.copyfile(bare, copy)
        policy = tarfile.TarInfo("./usr/sbin/policy-rc.d")
        text = b"#!/bin/sh\nexit 101\n"
        policy.size, policy.mode = len(text), 0o755
        with tarfile.open(copy, "a") as tar:
            tar.addfile(policy, io.BytesIO(text))
        self.run("docker", "import", "--change", 'CMD ["bash"]', copy, tag)
        copy.unlink()

    def build_database(self, tag):
        """The contract of the official image, in so far as docker-compose.yml relies on it."""
        self.run("docker", "build", "--quiet", "--tag", tag, _STAND_IN, timeout=400)

    def build_package(self, build_dir, tag):
        """An image that holds /xgate.deb, made of what this run has built."""
        out = self.folder / "package"
        subprocess.run(["cpack", "-B", out], cwd=build_dir, check=True, stdout=subprocess.PIPE)
        shutil.rmtree(out / "_CPack_Packages", ignore_errors=True)
        packages = list(out.glob("xgate_*.deb"))
        assert len(packages) == 1, packages
        os.rename(packages[0], out / "xgate.deb")
        (out / "Dockerfile").write_text("FROM scratch\nCOPY xgate.deb /xgate.deb\n", encoding="utf-8")
        self.run("docker", "build", "--quiet", "--tag", tag, out)
