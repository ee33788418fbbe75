#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service that starts with an empty database beside another one's firmware files, as in the middle of a restore, removes
none of them; once its database knows one of them, it removes what no image is made of."""
from stand import run
from stand.ota import content, upload
from stand.waiting import wait_until


def firmware_files_of_another_database_are_kept(stand):
    folder = stand.service.folder / "firmware"

    def files():
        return sorted(path.name for path in folder.rglob("*") if path.is_file())

    product = stand.product()
    kept, gone = (upload(stand, product, version, content(size))["sha256"] for version, size in (("v1", 1000), ("v2", 2000)))
    stand.service.stop()
    stand.database.sql("CREATE TABLE elsewhere AS SELECT * FROM firmware_image")
    stand.database.sql("DELETE FROM firmware_image")
    stand.service.start()
    wait_until(lambda: "none of the 2 firmware files belongs to an image of this database" in stand.service.log_path.read_text(encoding="utf-8"),
               "the service to look at them")
    assert files() == sorted((kept, gone))
    stand.service.stop()
    stand.database.sql(f"INSERT INTO firmware_image OVERRIDING SYSTEM VALUE SELECT * FROM elsewhere WHERE sha256 = '{kept}'")
    stand.service.start()
    wait_until(lambda: files() == [kept], "the file without an image to be removed")


run(firmware_files_of_another_database_are_kept)
