# SPDX-License-Identifier: Apache-2.0
"""Who does nothing wrong while others do: it reports and reports, or logs in and logs in, and must be served each time."""
import json
import multiprocessing
import time

from .device import AUTH_TOPIC, frame
from .raw_mqtt import RawClient
from .waiting import seconds


def _report(device, qos):
    """One report after the other of a device that stays connected."""
    client = RawClient(device.stand.broker.port, 60)
    assert client.login(*device.v2_credentials()) == 0
    client.subscribe(device.topic("uplink_ack"), qos=1)
    number = 0
    while True:
        number += 1
        client.publish(device.topic("uplink"), frame(4, {"n": number}, number), qos)
        ack = json.loads(client.next_publish()[1])
        assert ack["MessageId"] == number and ack["Payload"]["Code"] == "200", f"report {number} was answered {ack}"
        yield


def _authenticate(device, _qos):
    """The whole of AUTH- on a connection of its own, each time."""
    while True:
        client = RawClient(device.stand.broker.port, 60)
        code = client.login(*device.auth_credentials())
        assert code == 0, f"CONNACK {code}"
        client.subscribe(device.topic("downlink"))
        client.publish(AUTH_TOPIC, device.auth_request(), 1)
        reply = json.loads(client.next_publish()[1])["Payload"]
        assert reply["Code"] == 0, reply
        client.close()
        yield


def _serve(pipe, acts, pause):
    latencies, due = [], time.monotonic()
    try:
        while True:
            if pipe.poll(max(due - time.monotonic(), 0)):  # who asks hurries nothing: it keeps within its limits
                if pipe.recv() == "end":
                    return
                pipe.send(latencies)
                latencies = []
                continue
            before = time.monotonic()
            next(acts)
            latencies.append(time.monotonic() - before)
            due = time.monotonic() + pause
    except Exception as error:  # told, whatever it is
        pipe.send(f"{type(error).__name__}: {error}")


class GoodDevice:
    """In a process of its own: what it measures is not the test's Python. `pause`: seconds between what it does, for which
    nothing waits; `logs_in`: it authenticates instead of reporting."""

    def __init__(self, device, pause=0.02, qos=0, logs_in=False):
        self._what = "login" if logs_in else "report"
        acts = (_authenticate if logs_in else _report)(device, qos)
        self._pipe, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(target=_serve, daemon=True, args=(other, acts, pause))
        self._process.start()

    def since(self):
        """Latencies in seconds since the last call, sorted; fails where it was not served."""
        try:
            self._pipe.send("tell")
        except OSError:
            pass  # it has ended, and told why
        assert self._pipe.poll(seconds(60)), f"the good device's {self._what} was not answered within a minute"
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
