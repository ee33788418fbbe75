# SPDX-License-Identifier: Apache-2.0
"""The good device beside all bad input: it reports and reports, and every report must be answered 200."""
import json
import multiprocessing
import time

from stand.device import frame
from stand.waiting import seconds

from . import connection as wire

_PAUSE = 0.02  # between a device's reports; nothing waits for it


def _serve(pipe, port, credentials, root):
    connection = wire.Connection(port, "127.0.0.1", 60).login(4, *credentials)
    connection.send(wire.subscribe(4, f"{root}/uplink_ack"))
    connection.receive()
    number, latencies = 0, []
    try:
        while True:
            if pipe.poll(_PAUSE):
                if pipe.recv() == "end":
                    return
                pipe.send(latencies)
                latencies = []
            number += 1
            before = time.monotonic()
            connection.send(wire.publish(4, f"{root}/uplink", frame(4, {"n": number}, number).encode(), qos=0))
            answer = connection.receive()
            while answer and answer[0] >> 4 != 3:
                answer = connection.receive()
            if answer is None:
                pipe.send("its connection ended")
                return
            size = int.from_bytes(answer[1][:2], "big")
            ack = json.loads(answer[1][2 + size + (2 if answer[0] & 6 else 0):])
            if answer[0] & 6:
                connection.send(b"\x40\x02" + answer[1][2 + size:4 + size])
            if ack["MessageId"] != number or ack["Payload"]["Code"] != "200":
                pipe.send(f"report {number} was answered {ack}")
                return
            latencies.append(time.monotonic() - before)
    except Exception as error:  # told, whatever it is
        pipe.send(f"{type(error).__name__}: {error}")


class GoodDevice:
    """In a process of its own: what it measures is not the runner's Python."""

    def __init__(self, device):
        self._pipe, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_serve, daemon=True, args=(other, device.stand.broker.port, device.v2_credentials(), device.root))
        self._process.start()
        self._after = []

    def since(self):
        """Latencies in seconds since the last call, sorted; fails where a report was not answered."""
        self._pipe.send("tell")
        assert self._pipe.poll(seconds(60)), "the good device's report was not answered within a minute"
        told = self._pipe.recv()
        assert not isinstance(told, str), f"the good device: {told}"
        return sorted(told)

    def stop(self):
        try:
            self._pipe.send("end")
        except OSError:
            pass
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
