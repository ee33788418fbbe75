#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: the DownID, in the path, as query parameter or as header, is what lets a device download, only while its job is
live and once it was told. Whoever was told it hears 410 afterwards; every other request gets the same 404, and the API is
not to be had there."""
from stand import run
from stand.ota import Firmware, content, get, start, upgrade, upload, wait_state


def ota_4_only_a_live_down_id_downloads(stand):
    product = stand.product()
    device = stand.device(product)
    body = content(2000)
    upload(stand, product, "v2", body)
    job_id = start(stand, product, "v2", [device])["job_id"]
    base = f"http://127.0.0.1:{stand.service.download_port}"
    waiting = upgrade(stand, job_id, device)["down_id"]
    nothing = get(f"{base}/ota/{'0' * 32}/firmware.bin")
    assert nothing[0] == 404

    def refused(url, **headers):
        status, fields, text = get(url, **headers)
        same = {name: value for name, value in fields.items() if name != "Date"}
        return (status, text) == (404, nothing[2]) and same == {k: v for k, v in nothing[1].items() if k != "Date"}

    assert refused(f"{base}/ota/{waiting}/firmware.bin"), "it was not told yet"
    firmware = Firmware(device).boot()
    notice = firmware.notified()
    down_id = notice["Payload"]["DownID"]
    assert down_id == waiting
    for url, headers in ((f"{base}/ota/{down_id}/other-name", {}), (f"{base}/ota/{down_id}", {}),
                         (f"{base}/ota/firmware.bin?DownID={down_id}", {}), (f"{base}/ota/x", {"DownID": down_id})):
        assert get(url, **headers)[0::2] == (200, body), url
    for url in ("/", "/ota", "/ota/", "/ota/../admin.token", f"/{down_id}", "/livez", "/metrics", "/api/v1/vendors",
                f"/ota/{down_id.lower()}/x", f"/ota/{down_id[:-1]}/x", "/ota/%2e%2e/x"):
        assert refused(base + url), url

    firmware.install(notice)
    wait_state(stand, job_id, device, "succeeded")
    stand.service.restart()  # forgets what it looked up a moment ago
    url = notice["Payload"]["Url"]
    status, fields, text = get(url)
    assert status == 410 and b"has succeeded" in text, (status, text)
    for _ in range(3):
        get(url, Range="bytes=0-")
    log = stand.service.log_path.read_text(encoding="utf-8")
    assert log.count(f'"{device.name}" asked for the image of upgrade job {job_id}, which is over for it: succeeded') == 1, log

    other = stand.device(product)
    never_told = start(stand, product, "v2", [other])["job_id"]
    down_id = upgrade(stand, never_told, other)["down_id"]
    stand.service.api("POST", f"/upgrades/{never_told}/cancel")
    assert refused(f"{base}/ota/{down_id}/firmware.bin"), "cancelled before anybody was told it"


run(ota_4_only_a_live_down_id_downloads)
