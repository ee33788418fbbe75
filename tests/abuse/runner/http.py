# SPDX-License-Identifier: Apache-2.0
"""Attacks of a page in somebody's browser.

foreign  /metrics and the API, count times each, as a name that was pointed here (host) and for a page of another site (origin).
         Facts: hosts and origins (the statuses that came)
"""
import http.client

from stand.waiting import seconds


def _status(service, path, host, origin):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=seconds(20))
    try:
        headers = {"Host": host, "Authorization": f"Bearer {service.token}"}
        connection.request("GET", path, headers=headers | ({"Origin": origin} if origin else {}))
        return connection.getresponse().status
    finally:
        connection.close()


def foreign(scene, count):
    service, found = scene.stand.service, {"hosts": set(), "origins": set()}
    own = f"127.0.0.1:{service.port}"
    for path in ("/metrics", "/api/v1/devices", "/api/v1/vendors") * count:
        found["hosts"].add(_status(service, path, "rebound.example", None))
        found["origins"].add(_status(service, path, own, "http://rebound.example"))
    return {name: sorted(statuses) for name, statuses in found.items()}


ATTACKS = {"foreign": foreign}
