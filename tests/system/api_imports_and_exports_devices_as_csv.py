#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP API, §2.2.3: pre-registered devices are imported from CSV, each wrong line told with its number and the others
imported; the export is the production line's list, and its logins work."""
import csv
import io

from stand import run
from stand.raw_mqtt import RawClient

BURNT_IN = "326086233FAB8A96566796551EB1DFF8"


def api_imports_and_exports_devices_as_csv(stand):
    product, other = stand.product(auth_type=2), stand.product(auth_type=2)
    p = product.product_id
    stand.keep_secret(BURNT_IN, "DeviceSecret")

    def load(text, expect=200):
        answer = stand.service.request("POST", "/api/v1/devices/import", text, content_type="text/csv")
        assert answer.status == expect, answer
        return answer.json

    done = load(f"product_id,node_eui,device_secret\n{p},Meter001,{BURNT_IN}\n{p},Meter002,\n")
    assert (done["imported"], done["unchanged"], done["errors"]) == (2, 0, []), done
    done = load(f"product_id,node_eui,device_secret\r\n{p},Meter001,{BURNT_IN}\r\n\"{p}\",\"Meter003\",\r\n")
    assert (done["imported"], done["unchanged"], done["errors"]) == (1, 1, []), done
    done = load(f"product_id,node_eui\n{p},abc\n{p},Meter004\n0000FFFF,Meter005\n{p}\n{p},Meter-6\n{p},Meter007\n")
    assert done["imported"] == 2 and sorted(e["line"] for e in done["errors"]) == [2, 4, 5, 6], done
    assert all(e["reason"] for e in done["errors"]), done
    done = load(f"product_id,node_eui,device_secret\n{p},Meter001,{'A' * 32}\n{p},Meter008,12\n")
    assert done["imported"] == 0 and sorted(e["line"] for e in done["errors"]) == [2, 3], "another secret is no import"
    assert BURNT_IN not in str(done)
    for wrong in ("", "node_eui\nMeter009\n", "a,b\n1,2\n", "product_id,node_eui,colour\n", "product_id,product_id,node_eui\n"):
        assert stand.service.request("POST", "/api/v1/devices/import", wrong, content_type="text/csv").status in (400, 422)
    load("product_id,node_eui\n" + "".join(f"{other.product_id},bulk{n:05d}\n" for n in range(3000)))
    assert stand.database.sql(f"SELECT count(*) FROM device WHERE product_id = '{other.product_id}'") == [["3000"]]

    answer = stand.service.request("GET", f"/api/v1/devices/export?product_id={p}")
    assert answer.status == 200 and BURNT_IN not in str(answer.body) and product.product_key not in str(answer.body), answer
    assert answer.body.decode().splitlines()[0] == "open_id,product_id,node_eui,client_id,username", answer
    assert (done := load(answer.body.decode()))["unchanged"] == 5, done
    answer = stand.service.request("GET", f"/api/v1/devices/export?product_id={p}&reveal=true")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv"), answer.headers
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert list(rows[0]) == ["open_id", "product_id", "product_key", "node_eui", "device_secret", "client_id", "username",
                             "password"], rows[0].keys()
    assert sorted(row["node_eui"] for row in rows) == ["Meter001", "Meter002", "Meter003", "Meter004", "Meter007"]
    assert rows[0]["device_secret"] == BURNT_IN
    exported = answer.body.decode()
    done = load(exported + ",,,,,,,\r\n  \n\n")
    assert (done["imported"], done["unchanged"], done["errors"]) == (0, 5, []), "an exported list is one to import"
    columns = exported.splitlines()[0].split(",")
    stranger = dict(rows[0], node_eui="Meter010", device_secret="")
    done = load(",".join(columns) + "\n" + ",".join(stranger[column] for column in columns) + "\n")
    assert (done["imported"], done["errors"]) == (1, []), done
    for row in rows:
        stand.keep_secret(row["password"], "MQTT password")
        raw = RawClient(stand.broker.port)
        assert raw.login(row["client_id"], row["username"], row["password"]) == 0, row["node_eui"]
        raw.close()


run(api_imports_and_exports_devices_as_csv)
