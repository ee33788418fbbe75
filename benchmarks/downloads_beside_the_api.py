#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much slow firmware downloads disturb the API: its latency alone, then beside N downloads at a few KB/s each, in turns.
Not a test: it takes a minute, and judges nothing. ./bench runs it; by hand:
/usr/bin/python3 benchmarks/downloads_beside_the_api.py [N [--json]]"""
import http.client
import json
import pathlib
import selectors
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))
from stand import ota  # noqa: E402
from stand.stand import run  # noqa: E402

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200
RATE = 4096  # bytes a second and download
ROUNDS, ROUND_S = 3, 6


class SlowDownloads:
    """One thread reads a little from each socket in turn."""

    def __init__(self, port, targets):
        self.selector, self.stopping, self.bytes, self.failed = selectors.DefaultSelector(), False, 0, 0
        for target in targets:
            # a small window, so that the rest waits in the service and not in this kernel
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            sock.connect(("127.0.0.1", port))
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
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


def downloads_beside_the_api(stand):
    product = stand.product()
    devices = [stand.device(product) for _ in range(COUNT)]
    ota.upload(stand, product, "v2", ota.content(4_000_000))
    job = ota.start(stand, product, "v2")
    # as if every device had reported: this measures downloads, not reports
    stand.database.sql("UPDATE upgrade SET state = 'notified', notified_at = now()")
    ids = [item["down_id"] for item in stand.service.items(f"/upgrades/{job['job_id']}/devices", limit=1000)]
    assert len(ids) == len(devices)
    alone, beside, moved, failed = [], [], 0, 0
    measure(stand, 1)
    for _ in range(ROUNDS):
        alone += measure(stand, ROUND_S)
        slow = SlowDownloads(stand.service.download_port, [f"/ota/{down_id}/firmware.bin" for down_id in ids])
        measure(stand, 1)
        beside += measure(stand, ROUND_S)
        slow.stop()
        moved, failed = moved + slow.bytes, failed + slow.failed
    if "--json" in sys.argv:
        print(json.dumps({f"{name} ms {when}": percentile(times, share) for name, share in (("p50", 50), ("p99", 99))
                          for when, times in (("alone", alone), ("beside", beside))}))
        return
    print(f"{COUNT} downloads at {RATE} B/s: {moved / 1e6:.1f} MB read, {failed} ended early")
    print(f"{'GET /api/v1/vendors':<22}{'alone':>10}{'beside':>10}{'ratio':>8}")
    print(f"{'requests':<22}{len(alone):>10}{len(beside):>10}{len(beside) / len(alone):>8.2f}")
    for name, share in (("p50 ms", 50), ("p99 ms", 99), ("p99.9 ms", 99.9)):
        before, during = percentile(alone, share), percentile(beside, share)
        print(f"{name:<22}{before:>10.2f}{during:>10.2f}{during / before:>8.2f}")


run(downloads_beside_the_api, log_level="warn")
