#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: a retry gives an upgrade another DownID. A device that still holds an older one is answered 410 with how that try
ended, also after a restart and a second retry; one that no device was told is 404; and all of it goes with the product."""
from stand import run
from stand.ota import Firmware, content, get, start, upgrade, upload, wait_state
from stand.waiting import wait_until


def ota_4_an_older_down_id_stays_known_after_a_retry(stand):
    product = stand.product()
    device, silent = stand.device(product), stand.device(product)
    body = content(1000)
    upload(stand, product, "v2", body)
    job_id = start(stand, product, "v2", time_limit_s=3600)["job_id"]
    firmware = Firmware(device, "v1").boot()

    def fail():
        notice = firmware.notified()
        firmware.confirm(notice)
        firmware.download(notice)
        firmware.boot()  # with the old version still
        wait_state(stand, job_id, device, "failed")
        return notice

    def retry():
        stand.service.api("POST", f"/upgrades/{job_id}/retry", {})
        firmware.client.next(device.topic("ask_firmware"))
        firmware.report()

    older = [fail()]
    retry()
    older.append(fail())
    stand.service.api("POST", f"/upgrades/{job_id}/retry", {"devices": [device.name]})
    firmware.client.next(device.topic("ask_firmware"))

    # nobody was ever told the silent device's
    stand.database.sql(f"UPDATE upgrade SET deadline_at = now() - interval '1 s' WHERE down_id = "
                       f"'{upgrade(stand, job_id, silent)['down_id']}'")
    untold = wait_state(stand, job_id, silent, "timed_out")["down_id"]
    stand.service.api("POST", f"/upgrades/{job_id}/retry", {"devices": [silent.name]})
    assert upgrade(stand, job_id, silent)["down_id"] != untold

    stand.service.restart()
    for notice in older:
        status, _, text = get(notice["Payload"]["Url"], Range="bytes=0-9")
        assert (status, text) == (410, b"this download is over: the upgrade has failed, and began anew with another DownID\n"), text
    base = f"http://127.0.0.1:{stand.service.download_port}"
    assert get(f"{base}/ota/{untold}/firmware.bin")[0] == 404
    firmware.boot()
    newest = firmware.notified()
    assert get(newest["Payload"]["Url"])[0::2] == (200, body)
    assert stand.database.sql("SELECT count(*) FROM former_down_id")[0][0] == "2"

    stand.database.sql("UPDATE former_down_id SET ended_at = now() - interval '31 days' WHERE down_id = "
                       f"'{older[0]['Payload']['DownID']}'")
    stand.service.restart()  # its first round looks for what is older than [messages] retention_days
    wait_until(lambda: get(older[0]["Payload"]["Url"])[0] == 404, "the oldest to be forgotten")
    assert get(older[1]["Payload"]["Url"])[0] == 410
    for each in (device, silent):
        stand.service.api("DELETE", f"/devices/{each.name}")
    assert stand.database.sql("SELECT count(*) FROM former_down_id")[0][0] == "0"


run(ota_4_an_older_down_id_stays_known_after_a_retry)
