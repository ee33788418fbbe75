# SPDX-License-Identifier: Apache-2.0
"""The bulk of the load: `xgate-load` (bench/load), which notes every MessageId before it is sent and when it is acked."""
import signal

from stand import builds
from stand.processes import Process

from devices import device_secret

PROGRAM = builds.BUILD / "bin" / "xgate-load"
_A_ROUND = 1_000_000  # MessageIds


class Load:
    def __init__(self, site, record, connections, rate):
        self._site, self._record, self._rate = site, record, rate
        self._connections = connections
        self._rounds, self._read = 0, 0
        self._devices, self._log = site.folder / "load.csv", site.folder / "load.messages"
        self._process = None

    def prepare(self):
        product = self._site.bulk
        names = [f"load{number:05d}" for number in range(self._connections)]
        lines = [f"{product.open_id},{product.product_id},{name},{product.product_key},"
                 f"{device_secret(product.product_id, name)}\n" for name in names]
        self._devices.write_text("".join(lines), encoding="utf-8")
        self._site.register_names(product, names)

    def start(self):
        self._rounds += 1
        host, port = self._site.way.address
        self._process = Process("xgate-load", [
            str(PROGRAM), "uplink", "--host", host, "--port", str(port), "--devices", str(self._devices),
            "--connections", str(self._connections), "--login", "v2", "--login-type", "0", "--payload", "plain",
            "--rate", str(self._rate), "--duration", "86400", "--keepalive", "20", "--ramp", "1", "--drain", "2",
            "--first-message-id", str(self._rounds * _A_ROUND % 2_000_000_000 or 1), "--log", str(self._log)],
            self._site.folder / "xgate-load.log")

    def end(self):
        """It says goodbye, and what it noted goes on record."""
        if self._process is None:
            return
        status = self._process.stop(signal.SIGTERM, 30)
        self._process = None
        assert status == 0, f"xgate-load ended with {status}"
        with open(self._log, encoding="utf-8") as file:
            file.seek(self._read)
            for line in file:
                what, device, message_id = line.split()
                key = (device, int(message_id))
                if what == "sent":
                    self._record.sent[key] += 1
                else:
                    self._record.acked.add(key)
            self._read = file.tell()

    def running(self):
        return self._process is not None and self._process.running()


def possible():
    return PROGRAM.exists()
