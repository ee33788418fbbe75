#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OTA-4: the download server answers GET and HEAD, single ranges, suffixes and open ends, If-Range by ETag and by date,
If-Match, If-None-Match and their dates, and what is out of range, to the byte; several requests on one connection, and nonsense, on a raw socket."""
import base64
import hashlib
import socket

from stand import run
from stand.ota import Firmware, content, get, start, upload
from stand.waiting import seconds


def preconditions_are_judged_in_their_order(url, body, etag, modified):
    """RFC 9110, 13.2.2."""
    past, future = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    for fits in ({"If_Match": etag}, {"If_Match": f'"other", {etag}'}, {"If_Match": "*"}, {"If_Unmodified_Since": modified},
                 {"If_Unmodified_Since": future}, {"If_Unmodified_Since": "nonsense"},
                 {"If_Match": etag, "If_Unmodified_Since": past}, {"If_Modified_Since": past}):
        assert get(url, Range="bytes=0-9", **fits)[0::2] == (206, body[:10]), fits
    for misses in ({"If_Match": '"other"'}, {"If_Match": f"W/{etag}"}, {"If_Unmodified_Since": past},
                   {"If_Match": '"other"', "If_None_Match": etag}):
        for method in ("GET", "HEAD"):
            status, headers, got = get(url, method, Range="bytes=0-9", **misses)
            assert status == 412 and "Content-Range" not in headers and body[:10] not in got, (misses, status, got)
    for same in ({"If_Modified_Since": modified}, {"If_Modified_Since": future, "If_Match": etag}):
        assert get(url, **same)[0::2] == (304, b""), same
    assert get(url, If_Modified_Since=modified, If_None_Match='"other"')[0::2] == (200, body)


def ota_4_ranges_are_answered_by_the_byte(stand):
    product = stand.product()
    device = stand.device(product)
    body = content(100_000)
    upload(stand, product, "v2", body)
    start(stand, product, "v2", [device])
    url = Firmware(device).boot().notified()["Payload"]["Url"]

    status, headers, got = get(url)
    assert (status, got) == (200, body)
    assert headers["Content-MD5"] == base64.b64encode(hashlib.md5(body).digest()).decode()
    assert headers["Accept-Ranges"] == "bytes" and headers["Content-Type"] == "application/octet-stream"
    etag, modified = headers["ETag"], headers["Last-Modified"]
    assert etag.startswith('"') and modified.endswith("GMT"), headers
    status, head, got = get(url, "HEAD")
    assert (status, got, head["Content-Length"], head["ETag"]) == (200, b"", "100000", etag)

    for asked, first, last in (("0-0", 0, 0), ("0-499", 0, 499), ("99999-", 99999, 99999), ("50000-", 50000, 99999),
                               ("-1", 99999, 99999), ("-500", 99500, 99999), ("-200000", 0, 99999),
                               ("99990-200000", 99990, 99999)):
        status, headers, got = get(url, Range=f"bytes={asked}")
        assert (status, got) == (206, body[first:last + 1]), (asked, status, len(got))
        assert headers["Content-Range"] == f"bytes {first}-{last}/100000", (asked, headers)
    for asked in ("bytes=100000-", "bytes=-0", "bytes=9-5", "bytes=abc", "bytes=", "nonsense"):
        status, headers, got = get(url, Range=asked)
        assert (status, headers.get("Content-Range"), got) == (416, "bytes */100000", b""), (asked, status)
    for ignored in ("items=0-1", "bytes=0-1,5-6"):
        assert get(url, Range=ignored)[0::2] == (200, body), ignored
    for holds in (etag, modified):
        assert get(url, Range="bytes=0-9", If_Range=holds)[0::2] == (206, body[:10]), holds
    for gone in ('"other"', f"W/{etag}", "Thu, 01 Jan 1970 00:00:00 GMT"):
        assert get(url, Range="bytes=0-9", If_Range=gone)[0::2] == (200, body), gone

    for named in (etag, f'W/{etag}', f'"other", {etag}', "*"):
        status, headers, got = get(url, If_None_Match=named, Range="bytes=0-9")
        assert (status, headers["ETag"], got) == (304, etag, b""), (named, status)
    assert get(url, If_None_Match='"other"')[0::2] == (200, body)
    preconditions_are_judged_in_their_order(url, body, etag, modified)

    path = "/" + url.split("/", 3)[3]
    with socket.create_connection(("127.0.0.1", stand.service.download_port), timeout=seconds(20)) as raw:
        reader = raw.makefile("rb")

        def answer():
            status_line, fields = reader.readline(), {}
            while (line := reader.readline().strip()):
                name, _, value = line.decode().partition(": ")
                fields[name] = value
            return int(status_line.split()[1]), fields

        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-3\r\n\r\n"
                    f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\nPOST {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    f"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert answer()[0] == 206 and reader.read(3) == body[1:4]
        assert answer()[0] == 200
        status, fields = answer()
        assert status == 405 and fields["Allow"] == "GET, HEAD"
        reader.read(int(fields["Content-Length"]))
        status, fields = answer()
        assert status == 404
        reader.read(int(fields["Content-Length"]))
        raw.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert answer()[0] == 200 and reader.read() == body, "HTTP/1.0 ends with the connection"
    for nonsense in (b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET " + path.encode() + b" HTTP/1.1\r\nbad\r\n\r\n",
                     b"GET " + path.encode() + b" HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"):
        with socket.create_connection(("127.0.0.1", stand.service.download_port), timeout=seconds(20)) as raw:
            raw.sendall(nonsense)
            assert raw.makefile("rb").read().split(b" ")[1] == b"400", nonsense


run(ota_4_ranges_are_answered_by_the_byte)
