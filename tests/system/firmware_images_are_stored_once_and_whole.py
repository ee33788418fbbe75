#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Firmware images: streamed to disk, with MD5 and SHA-256; the same content once; what is cut short, too large or refused
leaves nothing; deleted only where no live upgrade uses them, and the file with the last image of it."""
import hashlib
import socket

from stand import run
from stand.ota import content, start, upload
from stand.waiting import seconds, wait_until


def firmware_images_are_stored_once_and_whole(stand):
    folder = stand.service.folder / "firmware"
    product = stand.product()

    def files():
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    body = content(3_000_000)
    image = upload(stand, product, "v1", body, name="a.bin")
    sha256 = hashlib.sha256(body).hexdigest()
    assert (image["size"], image["md5"], image["sha256"]) == (3_000_000, hashlib.md5(body).hexdigest(), sha256)
    twin = upload(stand, product, "v1", body, module="radio")
    assert files() == [f"{sha256[:2]}/{sha256}"] and (folder / files()[0]).read_bytes() == body
    upload(stand, product, "v1", b"other", expect=409)
    wrong = f"/api/v1/products/{product.product_id}/firmware?version="
    for query in ("", "%0A", "v9&name=a%2Fb", "v9&module=", "v9&colour=red", "x" * 65):
        answer = stand.service.request("POST", wrong + query, b"x", content_type="application/octet-stream")
        assert answer.status == 400, (query, answer)
    assert stand.service.request("POST", wrong + "v9", b"", content_type="application/octet-stream").status == 400

    with socket.create_connection(("127.0.0.1", stand.service.port), timeout=seconds(20)) as raw:
        raw.sendall((f"POST {wrong}v9 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
                     f"Authorization: Bearer {stand.service.token}\r\nContent-Length: 2000000\r\n\r\n").encode())
        raw.sendall(content(1_000_000))
        wait_until(lambda: len(files()) == 2, "the half of it to be on disk")
    wait_until(lambda: len(files()) == 1, "the half to be gone with its client")

    device = stand.device(product)
    job = start(stand, product, "v1", [device])
    stand.service.api("DELETE", f"/firmware/{image['image_id']}", expect=409)
    stand.service.api("POST", f"/upgrades/{job['job_id']}/cancel")
    stand.service.api("DELETE", f"/firmware/{image['image_id']}")
    assert len(files()) == 1, "the other image is made of it too"
    stand.service.api("DELETE", f"/firmware/{twin['image_id']}")
    assert files() == []
    assert stand.service.items(f"/products/{product.product_id}/firmware") == []
    shown = stand.service.api("GET", f"/upgrades/{job['job_id']}")
    assert shown["image_id"] is None and shown["sha256"] == sha256, "a job's history outlives its image"


run(firmware_images_are_stored_once_and_whole)
