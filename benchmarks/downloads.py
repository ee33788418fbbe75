# SPDX-License-Identifier: Apache-2.0
import http.client
import selectors
import socket
import statistics
import threading
import time

from quantity import Quantity
from stand import ota
from stand.stand import Stand

COUNT = 200
RATE = 4096  # bytes a second and download
TURNS, TURN_S = 3, 6


class SlowDownloads:
    """One thread reads a little from each socket in turn."""

    def __init__(self, port, targets):
        self.selector, self.stopping, self.bytes, self.failed = selectors.DefaultSelector(), False, 0, 0
        for target in targets:
            # a small window, so that the rest waits in the service and not in this kernel
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            sock.connect(("127.0.0.1", port))
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            self.selector.register(sock, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while not self.stopping:
            for key, _ in self.selector.select(0.2):
                piece = key.fileobj.recv(RATE // 4)
                self.bytes += len(piece)
                if not piece:
                    self.failed += 1
                    self.selector.unregister(key.fileobj)
            time.sleep(0.25)

    def stop(self):
        self.stopping = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def measure(stand, seconds):
    """Milliseconds of one request after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", stand.service.port, timeout=30)
    headers, times, end = {"Authorization": "Bearer " + stand.service.token}, [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        connection.request("GET", "/api/v1/vendors?limit=10", headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return times


def percentile(times, share):
    return statistics.quantiles(times, n=1000)[int(share * 10) - 1]


class Downloads(Quantity):
    name = "downloads"
    title = (f"API latency p99 beside {COUNT} slow firmware downloads", f"{COUNT} 个慢速固件下载旁的 API 延迟 p99")
    long = True

    def round(self, stage):
        if self.samples:
            return  # it has its own turns, interleaved
        stand = Stand(log_level="warn")
        try:
            stand.start()
            self.take_turns(stand)
        finally:
            stand.remove()

    def take_turns(self, stand):
        alone, beside = [], []
        ids = self.upgrades_under_way(stand)
        measure(stand, 1)
        for _ in range(TURNS):
            alone += measure(stand, TURN_S)
            slow = SlowDownloads(stand.service.download_port, [f"/ota/{down_id}/firmware.bin" for down_id in ids])
            measure(stand, 1)
            beside += measure(stand, TURN_S)
            slow.stop()
            assert slow.failed == 0, f"{slow.failed} downloads ended early"
        for when, times in (("alone", alone), ("beside", beside)):
            for name, share in (("p50", 50), ("p99", 99)):
                self.note(f"{name} ms {when}", percentile(times, share))

    @staticmethod
    def upgrades_under_way(stand):
        product = stand.product()
        devices = [stand.device(product) for _ in range(COUNT)]
        ota.upload(stand, product, "v2", ota.content(4_000_000))
        job = ota.start(stand, product, "v2")
        # as if every device had reported: this measures downloads, not reports
        stand.database.sql("UPDATE upgrade SET state = 'notified', notified_at = now()")
        ids = [item["down_id"] for item in stand.service.items(f"/upgrades/{job['job_id']}/devices", limit=1000)]
        assert len(ids) == len(devices)
        return ids

    def lines(self):
        return [self.at_most(self.title, ("the API alone", "仅 API"), self.ratio("p99 ms beside", "p99 ms alone"), 1.25)]
