#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS at the API and at the downloads: `xgate` and devices talk https://, and are told in one sentence what is wrong with a
certificate; renewed files are taken without a restart and broken ones are not; who never ends his handshake is cut off
(LIMIT-11)."""
import http.client
import socket
import ssl
import subprocess
import threading

from stand import run
from stand.http_peer import connect
from stand.ota import Firmware, content, start, upload
from stand.waiting import seconds, wait_until


class Authority:
    def __init__(self, folder):
        self.folder, self.file = folder, folder / "ca.crt"
        folder.mkdir()
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key", "-out", self.file,
                      "-days", "2", "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def issue(self, certificate, key, name="IP:127.0.0.1"):
        """A certificate with a key of its own, in place of those that are there."""
        folder = self.folder
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "new.key", "-out", folder / "new.csr",
                      "-subj", "/CN=server")
        (folder / "extensions").write_text(f"subjectAltName={name}\n", encoding="utf-8")
        self._openssl("x509", "-req", "-in", folder / "new.csr", "-CA", self.file, "-CAkey", folder / "ca.key",
                      "-CAcreateserial", "-days", "2", "-extfile", folder / "extensions", "-out", folder / "new.crt")
        key.write_bytes((folder / "new.key").read_bytes())
        key.chmod(0o600)
        certificate.write_bytes((folder / "new.crt").read_bytes())


def serial(stand, port):
    context = ssl.create_default_context(cafile=stand.service.ca_file)
    with context.wrap_socket(connect(port), server_hostname="127.0.0.1") as connection:
        return connection.getpeercert()["serialNumber"]


def is_talked_to_by_the_command_line(stand, authority):
    url, trusting = stand.service.url, ("--ca-file", str(authority.file))
    assert url.startswith("https://")
    assert stand.xgate("vendor", "list", "--json", XGATE_CA_FILE=str(authority.file)).stdout == \
        stand.xgate(*trusting, "vendor", "list", "--json").stdout

    def refused(*words, said):
        done = stand.xgate(*words, "vendor", "list", ok=False)
        assert done.returncode == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    refused(said="is not trusted: ")
    refused("--ca-file", "/nowhere.crt", said="no certificate to trust in the file /nowhere.crt")
    refused(*trusting, "--url", url.replace("127.0.0.1", "localhost"), said="is not trusted: ")
    refused(*trusting, "--url", f"https://127.0.0.1:{stand.broker.port}", said="closed the connection within the TLS handshake: all its places")
    with socket.create_server(("127.0.0.1", 0)) as plain:
        def answer_in_plain():
            peer, _ = plain.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        threading.Thread(target=answer_in_plain, daemon=True).start()
        refused(*trusting, "--url", f"https://127.0.0.1:{plain.getsockname()[1]}", said="does not speak TLS")
    refused("--url", url.replace("https", "http"), said=url.replace("https", "http"))


def is_whole(stand, context):
    """An answer whose end is the connection's own has an end that nobody else can make."""
    product = stand.product()
    for device in range(3):
        stand.device(product, node_eui=f"whole{device}")
    with context.wrap_socket(connect(stand.service.port), server_hostname="127.0.0.1", suppress_ragged_eofs=False) as client:
        client.sendall(f"GET /api/v1/devices/export?product_id={product.product_id} HTTP/1.0\r\nAuthorization: Bearer {stand.service.token}\r\n\r\n".encode())
        data = b""
        while part := client.recv(65536):
            data += part
    assert data.startswith(b"HTTP/1.") and data.count(b",whole") == 3, data


def is_downloaded_by_devices(stand, context):
    product = stand.product()
    device, body = stand.device(product), content(3_000_000)
    upload(stand, product, "v2", body)
    start(stand, product, "v2", [device])
    url = Firmware(device).boot().notified()["Payload"]["Url"]
    assert url.startswith(f"https://127.0.0.1:{stand.service.download_port}/"), url
    client = http.client.HTTPSConnection("127.0.0.1", stand.service.download_port, timeout=seconds(30), context=context)
    for headers, wanted in (({}, body), ({"Range": "bytes=100000-2000000"}, body[100000:2000001])):
        client.request("GET", "/" + url.split("/", 3)[3], headers=headers)
        assert client.getresponse().read() == wanted
    client.close()


def renews(stand, authority, port, certificate, key):
    before, context = serial(stand, port), ssl.create_default_context(cafile=authority.file)
    old = context.wrap_socket(connect(port), server_hostname="127.0.0.1")
    authority.issue(certificate, key)
    wait_until(lambda: serial(stand, port) != before, "the renewed certificate", every=0.1)
    old.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert old.recv(12) == b"HTTP/1.1 404", "the connection that was there goes on"
    now, encrypted = serial(stand, port), stand.folder / "encrypted.key"
    subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", encrypted], check=True)
    for text, why in ((encrypted.read_text(encoding="utf-8"), "is encrypted, and nobody is asked for its password"),
                      ("nonsense", "cannot be used")):
        told = len(stand.service.process.log())
        key.write_text(text, encoding="utf-8")
        wait_until(lambda: serial(stand, port) and "stays in use" in stand.service.process.log()[told:], "the log to say so", every=0.1)
        assert why in stand.service.process.log()[told:] and serial(stand, port) == now


def http_tls_serves_api_and_downloads(stand):
    authority = Authority(stand.folder / "authority")
    files = [(stand.folder / f"{name}.crt", stand.folder / f"{name}.key") for name in ("api", "download")]
    for certificate, key in files:
        authority.issue(certificate, key)
    stand.service.add_settings("".join(f'[{section}]\ntls_certificate = "{certificate}"\ntls_key = "{key}"\nheader_s = 3\n'
                                       for section, (certificate, key) in zip(("http", "download"), files)))
    stand.service.ca_file = authority.file
    files[0][1].chmod(0o644)
    checked = stand.xgate("config", "--check", str(stand.service.configuration), ok=False, XGATE_TOKEN_FILE="")
    assert "[http] tls_key names" in checked.stderr and "chmod 640" in checked.stderr, checked.stderr
    files[0][1].chmod(0o600)
    stand.start_service()

    context = ssl.create_default_context(cafile=authority.file)
    is_talked_to_by_the_command_line(stand, authority)
    is_whole(stand, context)
    is_downloaded_by_devices(stand, context)
    for port in (stand.service.port, stand.service.download_port):
        silent = connect(port)
        assert silent.recv(1) == b"", "it is cut off in time"
    metrics = stand.service.request("GET", "/metrics", token=None).body.decode()
    assert 'xgate_limit_exceeded_total{requirement="LIMIT-11"} 2\n' in metrics, metrics
    for port, (certificate, key) in zip((stand.service.port, stand.service.download_port), files):
        renews(stand, authority, port, certificate, key)


run(http_tls_serves_api_and_downloads, service=False)
