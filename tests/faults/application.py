# SPDX-License-Identifier: Apache-2.0
"""An application that uses the platform by its API while it breaks: queues commands, starts upgrades, and keeps record of
what it was promised. A request without an answer is asked again later, under the same Idempotency-Key."""
import http.client
import random
import threading
import urllib.parse

from stand.ota import content

_PACE = 0.15  # seconds between two commands


class Application:
    def __init__(self, site, population, seed):
        self._site, self._population = site, population
        self._dice = random.Random(f"{seed}/application")
        self.promised = {}   # command_id: (device, message_id): a 201 said so
        self.unknown = {}    # Idempotency-Key: (device, body): nobody said whether
        self.absent = set()  # commands for devices that never come
        self.jobs = {}       # job_id: version
        self._count = 0
        self._going, self._ended = threading.Event(), threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def go(self):
        self._idle.clear()
        self._going.set()

    def pause(self):
        """Returns when no request is under way."""
        self._going.clear()
        self._idle.wait(60)

    def end(self):
        self._ended.set()
        self._going.set()
        if self._thread.is_alive():
            self._thread.join(40)

    def _run(self):
        while not self._ended.is_set():
            if not self._going.is_set():
                self._idle.set()
                self._going.wait()
                continue
            self._queue_one()
            self._ended.wait(_PACE * (0.5 + self._dice.random()))

    def _queue_one(self):
        self._count += 1
        body = {"kind": "down", "data": {"n": self._count}}
        if self._dice.random() < 0.1:
            device, body["ttl_s"] = f"{self._site.plain.product_id}.nobody000", self._dice.randint(1, 20)
        else:
            device = self._dice.choice(self._population.obedient).full_name
        self._ask(f"campaign-{self._count}", device, body)

    def _ask(self, key, device, body):
        path = f"/api/v1/devices/{urllib.parse.quote(device)}/commands"
        try:
            answer = self._site.service.request("POST", path, body, headers={"Idempotency-Key": key})
        except (OSError, http.client.HTTPException):
            self.unknown[key] = (device, body)
            return
        if answer.status in (200, 201):
            command = answer.json
            self.promised[command["command_id"]] = (device, command["message_id"], key)
            self.unknown.pop(key, None)
            if "ttl_s" in body:
                self.absent.add(command["command_id"])
        elif answer.status >= 500:
            self.unknown[key] = (device, body)
        else:
            self._population.trouble.append(f"POST {path}: {answer}")

    def clear_up(self):
        """When all is well again: every request that got no answer is asked once more, and gets one."""
        for key, (device, body) in list(self.unknown.items()):
            self._ask(key, device, body)
        return not self.unknown

    # -- upgrades
    def start_upgrade(self, version):
        """Of all upgrading devices, to a version that is new; called while all is well."""
        product = self._site.plain.product_id
        query = urllib.parse.urlencode({"version": version, "name": "firmware.bin"})
        answer = self._site.service.request("POST", f"/api/v1/products/{product}/firmware?{query}",
                                            content(30_000, seed=version), content_type="application/octet-stream")
        assert answer.status == 201, answer
        job = self._site.service.api("POST", "/upgrades", {
            "product_id": product, "version": version,
            "devices": [device.full_name for device in self._population.upgrading]})
        self.jobs[job["job_id"]] = version
