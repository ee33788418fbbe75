#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package and docs/operations.md, in a Debian of its own that systemd boots: every block of the page is run as it stands,
in both languages' order, by a user with sudo; then the package is upgraded, removed, installed again and purged.

operations.py BUILD_DIR: for root; a package is made of what is built there. Ends with 77 where no Debian can be booted.
"""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
RELEASE = platform.freedesktop_os_release()["VERSION_CODENAME"]  # of the libraries that the package was built with
# What a server has beside the smallest Debian; a user of its own follows.
SERVER = ["systemd", "systemd-sysv", "dbus", "sudo", "curl", "ca-certificates", "procps", "mosquitto-clients"]
USER = "ops"


def step(text):
    print(f"== [{time.monotonic() - BEGAN:5.1f} s] {text}", flush=True)


def blocks(page):
    return re.findall(r"^```sh\n(.*?)^```$", (SOURCE / "docs" / page).read_text(encoding="utf-8"), re.M | re.S)


def without_comments(block):
    return [re.sub(r"\s*(^|\s)# .*$", "", line).rstrip() for line in block.splitlines()]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, **options)


class Machine:
    """A Debian in a folder. Booted, with a network of its own that has only loopback; all of it ends with this process."""

    def __init__(self, root):
        self.root = root
        self.process = self.leader = None

    def chroot(self, script):
        run("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", f"--root={self.root}", "bash", "-euc", script,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def boot(self):
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
             "--private-network", "--console=pipe", "--resolv-conf=off", "-D", str(self.root), "--boot"],
            stdin=subprocess.DEVNULL, stdout=open(f"{self.root}.console", "wb"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                print(pathlib.Path(f"{self.root}.console").read_text(encoding="utf-8", errors="replace"))
                print("no Debian can be booted here")
                sys.exit(77)
            time.sleep(0.2)

    def is_up(self):
        self.leader = self.leader or self.find_leader()
        if self.leader is None:
            return False
        done = subprocess.run(self.enter("systemctl", "is-system-running"), capture_output=True, text=True)
        return done.stdout.strip() in ("running", "degraded")

    def find_leader(self):
        """The process 1 of the machine: the first systemd whose root is ours."""
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.path.samefile(entry / "root", self.root) and \
                        (entry / "comm").read_text().strip() == "systemd":
                    return int(entry.name)
            except OSError:
                continue
        return None

    def enter(self, *command):
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", f"--root={self.root_of_leader()}", 
                "env", "-i", "-C", "/", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", *command]

    def root_of_leader(self):
        return f"/proc/{self.leader}/root"

    def as_root(self, script):
        """What it printed. A failure shows that."""
        return self._script(["bash", "-euc", script])

    def as_user(self, script):
        return self._script(["runuser", "-u", USER, "--", "bash", "-euc", f"cd ~; export HOME; {script}"])

    def _script(self, command):
        done = subprocess.run(self.enter(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300)  # no measurement: as long as a block may take where much else runs
        if done.returncode != 0:
            print(f"---- status {done.returncode} of:\n{command[-1]}\n---- it said:\n{done.stdout}")
            subprocess.run(self.enter("bash", "-c", "journalctl --no-pager -n 60; tail -n 30 /var/log/mosquitto/*.log"), check=False)
            raise SystemExit(1)
        return done.stdout

    def end(self):
        if self.process:
            self.process.kill()  # unshare takes no other signal while it waits; everything in there dies with it
            self.process.wait()


def make_package(folder):
    # CPackConfig.cmake is the build's own; nothing is left in the build folder
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, cwd=folder, stdout=subprocess.DEVNULL)
    package, = folder.glob("xgate_*.deb")
    done = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", str(package)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    depends = run("dpkg-deb", "-f", package, "Depends", stdout=subprocess.PIPE).stdout
    assert "mosquitto (>= 2.0.11-1.2+deb12u2)" in depends, depends  # the first with the mended CVEs of 2.0.11
    return package


def newer(package, folder):
    """The same package as it is after the next commit: with a higher version."""
    run("dpkg-deb", "-R", package, folder / "newer")
    control = folder / "newer" / "DEBIAN" / "control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1.1", control.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", folder / "newer", folder / "xgate_newer.deb", stdout=subprocess.DEVNULL)
    return folder / "xgate_newer.deb"


def prepare(machine, package):
    """Everything that needs the network, kept for the next time: the server's packages, and in apt's cache the others."""
    bare = run(HERE / "bare_root", RELEASE, stdout=subprocess.PIPE).stdout.strip()
    kept = SOURCE / "build" / "debian" / f"{RELEASE}.server.tar"
    if not kept.exists() or kept.stat().st_mtime < max(os.stat(bare).st_mtime, os.stat(__file__).st_mtime):
        step("a server's Debian is made")
        run("tar", "--numeric-owner", "-C", machine.root, "-xpf", bare)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", machine.root / "etc" / name)
        shutil.copy(package, machine.root / "tmp" / "xgate.deb")
        machine.chroot("export DEBIAN_FRONTEND=noninteractive; echo 'APT::Keep-Downloaded-Packages \"true\";' >/etc/apt/apt.conf.d/90keep; "
                       "echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe-io; "  # it lives for minutes
                       "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; apt-get -q update; "
                       f"apt-get install -q -y --no-install-recommends {' '.join(SERVER)}; "
                       "apt-get install -q -y --download-only /tmp/xgate.deb postgresql; rm /usr/sbin/policy-rc.d /tmp/xgate.deb; "
                       f"useradd --create-home --shell /bin/bash {USER}; "
                       f"echo '{USER} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/{USER}")
        run("tar", "--numeric-owner", "-C", machine.root, "-cf", f"{kept}.partial", ".")
        os.rename(f"{kept}.partial", kept)
    else:
        run("tar", "--numeric-owner", "-C", machine.root, "-xpf", kept)
    (machine.root / "etc" / "hostname").write_text("site\n", encoding="utf-8")
    (machine.root / "etc" / "hosts").write_text("127.0.0.1 localhost site\n", encoding="utf-8")


class Site:
    """What an operator does there, and what must hold."""

    def __init__(self, machine):
        self.machine = machine
        self.secrets = set()

    def api_works(self):
        return json.loads(self.machine.as_user("sudo xgate vendor list --json"))

    def add_device(self):
        script = ("sudo xgate vendor add --name Acme --open-id 7ED01E2A && sudo xgate product add --vendor 7ED01E2A --name lock --auth 0 "
                  "--kind json --encrypted --product-id 5EC0DE01 && sudo xgate simulate 5EC0DE01.LOCK0001 --count 1 --interval-ms 0")
        self.machine.as_user(script)
        product = json.loads(self.machine.as_user("sudo xgate product show 5EC0DE01 --reveal --json"))
        device = json.loads(self.machine.as_user("sudo xgate device show 5EC0DE01.LOCK0001 --reveal --json"))
        self.secrets |= {product["product_key"], device["device_secret"], self.machine.as_root("cat /var/lib/xgate/admin.token").strip(),
                         self.machine.as_root("cat /etc/xgate/broker.password").strip()}

    def script_runs_in_its_sandbox(self):
        """Under the unit's own filter of system calls, and without any capability."""
        examples = "/usr/share/doc/xgate/examples"
        self.machine.as_user("sudo xgate product add --vendor 7ED01E2A --name demo --auth 0 --kind hex --product-id AA30C505; "
                             f"sudo xgate model set AA30C505 {examples}/hex-demo.json; sudo xgate script set AA30C505 {examples}/hex-demo.js; "
                             "printf '[[do]]\nhex = \"00f0ff013FA00000\"\n' >hex.toml; "
                             "sudo xgate simulate AA30C505.HEX00001 --scenario hex.toml")
        assert "-3841" in self.machine.as_user("sudo xgate properties AA30C505.HEX00001")
        said = self.machine.as_root("for pid in $(pgrep -f '[s]cript-worker') $(systemctl show -P MainPID xgate) $(pidof mosquitto); do "
                                    "grep -E '^(Seccomp_filters|CapBnd|Uid)' /proc/$pid/status; done")
        filters = [int(number) for number in re.findall(r"Seccomp_filters:\s+(\d+)", said)]
        assert len(filters) >= 3 and min(filters) > 0 and max(filters[:-2]) > filters[-2], said
        assert set(re.findall(r"CapBnd:\s+(\w+)", said)) == {"0000000000000000"} and not re.search(r"Uid:\s+0", said), said
        self.machine.as_root("systemd-analyze security --no-pager --threshold=25 xgate >/dev/null; "
                             "systemd-analyze security --no-pager --threshold=25 mosquitto >/dev/null; "
                             "for unit in xgate mosquitto; do systemctl show -p MemoryMax $unit | grep -v infinity; done")

    def roles_are_kept_apart(self):
        for user, may in (("mosquitto", "xgate_plugin"), ("xgate", "xgate_service"), ("xgate-migrate", "xgate_owner")):
            for role in ("xgate_plugin", "xgate_service", "xgate_owner", "postgres"):
                said = self.machine.as_root(f"runuser -u {user} -- psql -X 'host=/run/postgresql dbname=xgate user={role}' -Atc 'SELECT 7' 2>&1 || true")
                assert (said.strip() == "7") == (role == may), (user, role, said)
        for refused in ("INSERT INTO api_token (name, token_sha256) VALUES ($$x$$, sha256($$x$$))", "UPDATE device SET enabled = true",
                        "SELECT payload FROM message", "COPY (SELECT 1) TO PROGRAM $$id$$"):
            said = self.machine.as_root("runuser -u mosquitto -- psql -X 'host=/run/postgresql dbname=xgate user=xgate_plugin' "
                                        f"-c '{refused}' 2>&1 || true")
            assert "permission denied" in said or "must be superuser" in said, (refused, said)

    def device_goes_the_whole_way(self, options=""):
        self.machine.as_user("curl -fsS --retry 30 --retry-all-errors --retry-delay 1 http://127.0.0.1:8080/readyz; "
                             f"sudo xgate simulate 5EC0DE01.LOCK0001 --count 1 --interval-ms 0 {options}")

    def many_open_files(self):
        shown = self.machine.as_root("systemctl show -p LimitNOFILE mosquitto; grep '^Max open files' /proc/$(pidof mosquitto)/limits; "
                                     "grep 'open files are allowed' /var/log/mosquitto/mosquitto.log")
        # as many as the unit says, or this machine lets anybody have
        soft, hard = re.search(r"^Max open files +(\d+) +(\d+)", shown, re.M).groups()
        assert "LimitNOFILE=524288" in shown and soft == hard and f"{hard} open files are allowed" in shown, shown

    def files_with_secrets(self):
        """Wherever something is written, but the database and the operator's own backups."""
        (self.machine.root / "root" / "secrets").write_text("\n".join(sorted(self.secrets)) + "\n", encoding="utf-8")
        found = self.machine.as_root("grep -rlaFf /root/secrets /etc /var /root /home /tmp /opt /srv /usr/local /usr/share/xgate "
                                     "--exclude-dir={postgresql,ops,cache,apt} 2>/dev/null || true")
        return set(found.split()) - {"/root/secrets"}


def run_page(site, package):
    """Every block in turn, and after each what it is for."""
    english, chinese = blocks("operations.md"), blocks("operations.zh-CN.md")
    assert [without_comments(block) for block in english] == [without_comments(block) for block in chinese], "the pages differ"
    machine = site.machine
    after = {
        "sudo apt install": lambda: (site.many_open_files(), site.add_device(), site.script_runs_in_its_sandbox(),
                                     site.roles_are_kept_apart()),
        "# from one role to three": lambda: (site.device_goes_the_whole_way(), site.roles_are_kept_apart()),
        "sudo tar -C /var/lib/xgate -cf": lambda: machine.as_user("sudo xgate device add 5EC0DE01.AFTER0001"),
        "sudo systemctl stop xgate mosquitto": lambda: (site.device_goes_the_whole_way(), no_device_after_the_backup(site)),
        "sudo -u postgres psql xgate -c 'UPDATE api_token": lambda: (site.device_goes_the_whole_way(), new_token(site)),
        "(umask 077; openssl rand -hex 12": lambda: operator_may_listen(machine),
        "# the same as above": lambda: (key_ownership_is_told(machine),
                                        site.device_goes_the_whole_way("--tls --ca-file ca.crt --host localhost")),
        "sudo install -m 644 server.crt": lambda: the_new_certificate_is_shown(machine),
    }
    build, *rest = english
    assert build.startswith("cmake --preset release && cmake --build build && (cd build && cpack)"), build  # done, for this test
    home = machine.root / "home" / USER
    (home / "build").mkdir()
    shutil.copy(package, home / "build" / package.name)
    for block in rest:
        step(block.splitlines()[0])
        if "server.key" in block:
            make_certificates(machine)
        if block.startswith("# from one role to three"):
            one_role_for_all(site)
        shown = machine.as_user("shopt -s expand_aliases; export DEBIAN_FRONTEND=noninteractive; alias apt='apt-get -q -y'; "
                                "sudo() { if [[ $1 == apt ]]; then shift; command sudo -E apt-get -q -y \"$@\"; else command sudo \"$@\"; fi; }\n"
                                + block)
        check, = (check for beginning, check in after.items() if block.startswith(beginning)) or (None,)
        assert check, block
        try:
            check()
        except AssertionError:
            print(shown)
            raise


def one_role_for_all(site):
    """As the page had it until there were three: it goes on, and the logs tell."""
    site.machine.as_root("""
        systemctl stop xgate mosquitto
        su postgres -c 'createuser xgate; psql -q xgate -c "REASSIGN OWNED BY xgate_owner TO xgate"'
        for role in xgate_service xgate_plugin xgate_owner; do
          su postgres -c "psql -q xgate -c 'DROP OWNED BY $role'; dropuser $role"
        done
        sed -i '/^xgate xgate-migrate/d; s/^xgate xgate xgate_service$/xgate xgate xgate/; s/^xgate mosquitto .*/xgate mosquitto xgate/' \
          /etc/postgresql/*/main/pg_ident.conf
        sed -i 's/^local xgate xgate_owner,.*/local xgate xgate peer map=xgate/' /etc/postgresql/*/main/pg_hba.conf
        sed -i '/^\\(migrate_url\\|service_role\\|plugin_role\\) /d; s/user=xgate_service/user=xgate/' /etc/xgate/xgate.toml
        sed -i 's/user=xgate_plugin/user=xgate/' /etc/mosquitto/mosquitto.conf
        systemctl reload postgresql
        systemctl start mosquitto xgate""")
    site.device_goes_the_whole_way()
    site.machine.as_root("grep 'database role \"xgate\" may write' /var/log/mosquitto/mosquitto.log; "
                         "journalctl -u xgate | grep 'database role \"xgate\" owns the tables'")


def no_device_after_the_backup(site):
    names = site.machine.as_user("sudo xgate device list --product 5EC0DE01")
    assert "LOCK0001" in names and "AFTER0001" not in names, names


def new_token(site):
    token = site.machine.as_root("cat /var/lib/xgate/admin.token").strip()
    assert token not in site.secrets
    site.secrets.add(token)
    site.api_works()


def operator_may_listen(machine):
    machine.as_user("mosquitto_sub -h 127.0.0.1 -i op -u operator -P \"$(cat operator.password)\" -t '/sys/#' -E -W 10")


def key_ownership_is_told(machine):
    """A key that is root's alone: the broker does not start, and says what to do, which helps."""
    key = "/etc/mosquitto/xgate-tls/server.key"
    machine.as_root(f"chgrp root {key}; systemctl restart mosquitto && exit 1; "
                    f"grep -F 'the TLS key {key} cannot be read by the broker' /var/log/mosquitto/mosquitto.log; "
                    f"chgrp mosquitto {key}; systemctl reset-failed mosquitto; systemctl restart mosquitto")


def the_new_certificate_is_shown(machine):
    """systemd does not wait for the broker, which takes the signal on its next round."""
    machine.as_user("wanted=$(openssl x509 -noout -fingerprint -in server.crt); for ((n = 0; n < 100; n++)); do "
                    "shown=$(openssl s_client -connect localhost:8883 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint) || true; "
                    "[[ $shown != \"$wanted\" ]] || exit 0; sleep 0.1; done; exit 1")


def make_certificates(machine):
    machine.as_user("[[ -e ca.key ]] || openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj '/CN=site CA' -keyout ca.key -out ca.crt; "
                    "openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr; "
                    "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 9 -out server.crt "
                    "-extfile <(echo subjectAltName=DNS:localhost)")


def upgrade_remove_and_return(site, package, following):
    machine = site.machine
    apt = "export DEBIAN_FRONTEND=noninteractive; apt-get -q -y"
    shutil.copy(package, machine.root / "root" / "xgate.deb")
    shutil.copy(following, machine.root / "root" / "newer.deb")
    step("a newer build is installed")
    before = machine.as_root("systemctl show -p MainPID xgate")
    said = machine.as_root(f"{apt} install /root/newer.deb")
    assert "1 upgraded" in said and "/var/lib/xgate/admin.token" in said, said
    assert machine.as_root("systemctl show -p MainPID xgate") != before, "the service runs the old program"

    step("removed: the broker starts without the plugin")
    machine.as_root(f"{apt} remove xgate; systemctl restart mosquitto; systemctl is-active mosquitto; ! systemctl is-active xgate")
    assert "xgate" not in machine.as_root("cat /etc/mosquitto/mosquitto.conf").replace("xgate was removed", "")

    step("installed again: everything goes on")
    said = machine.as_root(f"{apt} install /root/newer.deb")
    assert "the API token is in /var/lib/xgate/admin.token" in said, said
    site.device_goes_the_whole_way()
    site.many_open_files()
    assert site.files_with_secrets(), "nothing is found by this search"

    step("removed where the configuration from before is a copy of ours: the broker starts all the same")
    machine.as_root("cp /etc/mosquitto/mosquitto.conf /etc/mosquitto/mosquitto.conf.before-xgate; /var/lib/dpkg/info/xgate.prerm remove; "
                    "if grep mosquitto_xgate /etc/mosquitto/mosquitto.conf; then exit 1; fi; systemctl is-active mosquitto; "
                    "! systemctl is-active xgate")

    step("that removal fails: everything goes on")
    machine.as_root("/var/lib/dpkg/info/xgate.postinst abort-remove; grep mosquitto_xgate /etc/mosquitto/mosquitto.conf")
    site.device_goes_the_whole_way()

    a_file_of_conf_d_steps_aside(site, apt)
    purge_and_return(site, apt)


HAND = "/etc/mosquitto/conf.d/by hand.conf"
BROKER = "systemctl is-active mosquitto && systemctl show -p MainPID mosquitto"


def a_file_of_conf_d_steps_aside(site, apt):
    machine = site.machine
    step("an installation where another file has the place of one that was set aside: it stays, and the broker goes on")
    machine.as_root(f"mv /etc/mosquitto/mosquitto.conf '{HAND}'; echo '# earlier' >'{HAND}.xgate'; "
                    "echo 'include_dir /etc/mosquitto/conf.d/' >/etc/mosquitto/mosquitto.conf; systemctl restart mosquitto")
    site.device_goes_the_whole_way()
    before = machine.as_root(BROKER)
    said = machine.as_root("/var/lib/dpkg/info/xgate.postinst configure")
    assert f"{HAND}.xgate stays aside" in said and "in its place again" not in said, said
    assert machine.as_root(BROKER) == before, "the broker was started anew"

    step("removed where a file of conf.d loads the plugin: the broker starts without it, and goes on with it after an installation")
    said = machine.as_root(f"{apt} remove xgate; systemctl restart mosquitto; systemctl is-active mosquitto")
    assert f"{HAND} loads the plugin and steps aside" in said, said
    machine.as_root(f"grep '# earlier' '{HAND}.xgate.~1~'; {apt} install /root/newer.deb; [[ -e '{HAND}' && ! -e '{HAND}.xgate' ]]")
    site.device_goes_the_whole_way()
    machine.as_root(f"mv '{HAND}' /etc/mosquitto/mosquitto.conf; rm '{HAND}.xgate.~1~'; systemctl restart mosquitto")


def purge_and_return(site, apt):
    machine = site.machine
    step("purged: no secret of ours is left but in the database, and what stays is named")
    machine.as_root("cp /etc/mosquitto/xgate.accounts /etc/mosquitto/xgate.accounts.partial; "
                    "cp /var/lib/mosquitto/xgate.directory /var/lib/mosquitto/xgate.directory.new")
    more = "/etc/mosquitto/more/other.conf"
    machine.as_root(f"cp /etc/mosquitto/mosquitto.conf '{HAND}.xgate'; mkdir /etc/mosquitto/more; "
                    f"echo 'plugin /usr/lib/xgate/mosquitto_xgate.so' >{more}.xgate; "
                    "echo 'include_dir /etc/mosquitto/more/' >>/etc/mosquitto/mosquitto.conf.before-xgate")
    said = machine.as_root(f"{apt} purge xgate; systemctl restart mosquitto; systemctl is-active mosquitto")
    assert "dropdb xgate" in said and "mosquitto.db" in said and "/etc/mosquitto/xgate-tls/server.key" in said, said
    assert f"is left: {HAND}.xgate\n" in said and f"is left: {more}.xgate\n" in said, said
    left = site.files_with_secrets()
    assert not left, left
    gone = ("/etc/xgate /var/lib/xgate /etc/mosquitto/xgate.accounts /var/lib/mosquitto/xgate.directory "
            "/etc/mosquitto/xgate.accounts.partial /var/lib/mosquitto/xgate.directory.new /etc/mosquitto/mosquitto.conf.xgate")
    machine.as_root(f"for path in {gone}; do [[ ! -e $path ]] || {{ echo $path is left; exit 1; }}; done")

    step("installed after the purge: the broker goes on as it is, without the files that would need what was purged")
    before = machine.as_root(BROKER)
    said = machine.as_root(f"{apt} install /root/newer.deb")
    for kept, needed in ((f"{HAND}.xgate", "/etc/mosquitto/xgate.accounts"), (f"{more}.xgate", "/etc/xgate/xgate.toml")):
        assert f"{kept} stays aside, and the broker does not read it: {needed} is not there" in said, said
    assert machine.as_root(BROKER) == before, "the broker was started anew"
    machine.as_root(f"systemctl restart mosquitto; systemctl is-active mosquitto; [[ ! -e '{HAND}' && ! -e {more} ]]")


def main():
    tempfile.gettempdir()  # ours, before it is forgotten: what runs in the other Debian has temporary folders of its own
    os.environ.pop("TMPDIR", None)
    if os.geteuid() != 0 or os.environ.get("XGATE_TEST_INSIDE"):
        print("only root can make a Debian, and not within another one")
        sys.exit(77)
    absent = [tool for tool in ("debootstrap", "systemd-nspawn", "lintian", "dpkg-deb") if not shutil.which(tool)]
    if absent:
        print("not installed here: " + ", ".join(absent))
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="xgate-operations-") as scratch:
        folder = pathlib.Path(scratch)
        step("the package is made")
        package = make_package(folder)
        machine = Machine(folder / "root")
        machine.root.mkdir(mode=0o755)
        folder.chmod(0o755)
        try:
            prepare(machine, package)
            step("it boots")
            machine.boot()
            site = Site(machine)
            run_page(site, package)
            upgrade_remove_and_return(site, package, newer(package, folder))
        finally:
            machine.end()
    step("operations: as required")


BEGAN = time.monotonic()
main()
