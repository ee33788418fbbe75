#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml hands on every setting of the service, and of the broker, that a container does not fix itself, .env.example names no
variable that nothing reads, and the image's build has every folder that it compiles before it has the rest."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Where things are within the containers; and what is for tests alone.
FIXED = {"database.url", "database.migrate_url", "database.service_role", "database.plugin_role", "database.allow_unsafe", "broker.id", "broker.host", "broker.port", "broker.username",
         "broker.password_file", "broker.tls", "broker.ca_file", "http.address", "http.port", "http.token_file",
         "http.tls_certificate", "http.tls_key", "download.tls_certificate", "download.tls_key",  # a proxy's, there
         "firmware.folder", "download.address", "download.port", "download.public_url"}

FIXED_OF_BROKER = {"PLUGIN", "DATABASE", "ACCOUNTS_FILE", "CACHE_FILE", "PERSISTENCE_DIR", "BROKER_ID", "MAX_KEEPALIVE", "SERVICE_PORT",
                   "SERVICE_BIND", "BIND", "PORT", "ALIVE_FILE", "TLS_PORT", "TLS_CERT", "TLS_KEY", "LOG_DEST", "OUTPUT"}


def settings():
    text = subprocess.run([pathlib.Path(os.environ["XGATE_BUILD_DIR"]) / "bin/xgate", "config"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    section = ""
    for line in text.splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            section = match[1]
        elif match := re.match(r"(\w+) = ", line):
            yield f"{section}.{match[1]}"


def broker_settings():
    """What `start broker` takes from the environment: all of render-mosquitto-conf but what a container fixes itself."""
    text = (SOURCE / "deploy/render-mosquitto-conf").read_text(encoding="utf-8")
    known = set(re.findall(r"\[([A-Z_]+)\]=", text[:text.index("render_options")]))
    return known - FIXED_OF_BROKER


def variables(text):
    return set(re.findall(r"\$\{(XGATE_\w+)", text)) | set(re.findall(r"^ +(XGATE_\w+):$", text, re.MULTILINE))


def settings_are_handed_on():
    compose = yaml.safe_load((SOURCE / "docker-compose.yml").read_text(encoding="utf-8"))
    handed = set(compose["services"]["service"]["environment"])
    wanted = {"XGATE_" + name.upper().replace(".", "_") for name in set(settings()) - FIXED}
    assert len(wanted) > 15, wanted
    assert wanted <= handed, f"docker-compose.yml does not hand on {sorted(wanted - handed)}"
    wanted = {"XGATE_" + name for name in broker_settings()}
    handed = set(compose["services"]["broker"]["environment"])
    assert len(wanted) > 10 and wanted == handed, f"of the broker's: {sorted(wanted ^ handed)}"
    start = (SOURCE / "deploy/images/start").read_text(encoding="utf-8")
    for name in broker_settings() - {"ACCOUNTS_FROM"}:
        assert re.search(rf"[ (]{name.lower().replace('_', '-')}\b", start), f"`start broker` does not take XGATE_{name}"


def example_is_true():
    known = set()
    for name in ("docker-compose.yml", "docker-compose.tls.yml"):
        known |= variables((SOURCE / name).read_text(encoding="utf-8"))
    named = set(re.findall(r"^#(XGATE_\w+)=", (SOURCE / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) > 15 and named <= known, f".env.example names {sorted(named - known)}, which nothing reads"


def image_has_what_it_compiles():
    """The sources that the Dockerfile copies before it compiles are enough to configure a build of."""
    text = (SOURCE / "deploy/images/Dockerfile").read_text(encoding="utf-8")
    before = text[:text.index("cmake --preset release")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for line in re.findall(r"^COPY (.+)$", before, re.MULTILINE):
            *sources, target = line.split()
            (folder / target).mkdir(exist_ok=True)
            for source in sources:
                if (SOURCE / source).is_dir():
                    shutil.copytree(SOURCE / source, folder / target, dirs_exist_ok=True)
                else:
                    shutil.copy(SOURCE / source, folder / target)
        run = subprocess.run(["cmake", "-S", folder, "--preset", "release"], cwd=folder,
                             check=False, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr


settings_are_handed_on()
example_is_true()
image_has_what_it_compiles()
