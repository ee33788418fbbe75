#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-1, OTA-4: DownID and Url are as short as the source's, unless the product wants long ones. An address that asks for many
DownIDs that do not exist learns nothing more for a while, not even of those that do; a device that logged in from it still
downloads, and others do not notice."""
import http.client
import re

from stand import run
from stand.ota import Firmware, content, get, start, upload, upgrade
from stand.waiting import seconds

UNKNOWN = 20


def get_from(address, url):
    """Status and Retry-After, asked for from an address of 127.0.0.0/8."""
    host, path = url.split("/", 3)[2:]
    name, port = host.split(":")
    connection = http.client.HTTPConnection(name, int(port), timeout=seconds(20), source_address=(address, 0))
    connection.request("GET", "/" + path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("Retry-After")


def ota_4_guessing_is_held_off(stand):
    product = stand.product()
    first, second, long = stand.device(product), stand.device(product), stand.device(product)
    body = content(1000)
    upload(stand, product, "v2", body)
    job_id = start(stand, product, "v2", [first, second])["job_id"]
    notice = Firmware(first).boot().notified()["Payload"]
    assert re.fullmatch("[0-9A-F]{8}", notice["DownID"]), notice
    base = f"http://127.0.0.1:{stand.service.download_port}"
    assert notice["Url"] == f"{base}/ota/{notice['DownID']}" and len(notice["Url"]) <= 40, notice
    assert upgrade(stand, job_id, first)["down_id"] == notice["DownID"]

    guesser = "127.0.0.77"
    tried = [get_from(guesser, f"{base}/ota/{number:08X}")[0] for number in range(UNKNOWN + 5)]
    assert tried == [404] * UNKNOWN + [429] * 5, tried
    held_off, retry_after = get_from(guesser, notice["Url"])
    assert held_off == 429 and 0 < int(retry_after) <= 3600 // UNKNOWN, "not even whether it exists"
    assert get(notice["Url"])[0::2] == (200, body), "another address does not notice"

    # a device that shares the address
    _, raw = second.raw_login(address=guesser)
    other_url = f"{base}/ota/{upgrade(stand, job_id, second)['down_id']}"
    for suffix in ("firmware_report_ack", "ota_notify"):
        raw.subscribe(second.topic(suffix))
    raw.publish(second.topic("firmware_report"),
                '{"MessageId":1,"HeaderCtrl":8,"Payload":{"HardVer":"h1","SoftVer":"v1","Type":2},"Version":"2.0"}', qos=1)
    topics = set()
    while second.topic("ota_notify") not in topics:
        topics.add(raw.next_publish()[0])
    assert get_from(guesser, other_url)[0] == 200
    assert get_from(guesser, f"{base}/ota/ABCDEF01")[0] == 429

    stand.xgate("product", "set", product.product_id, "--down-id-length", "long")
    start(stand, product, "v2", [long])
    told = Firmware(long).boot().notified()["Payload"]
    assert re.fullmatch("[0-9A-F]{32}", told["DownID"]) and told["Url"].endswith(told["DownID"]), told
    assert get_from(guesser, told["Url"])[0] == 200, "nobody guesses that"

    metrics = stand.service.request("GET", "/metrics", token=None).body.decode().splitlines()
    assert {f"xgate_download_unknown_total {UNKNOWN}", "xgate_download_held_off_total 7"} <= set(metrics), metrics


run(ota_4_guessing_is_held_off, settings=f"[download]\nunknown_per_hour = {UNKNOWN}\n")
