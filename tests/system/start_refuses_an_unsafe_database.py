#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FRAME-6: on a database that may lose what it has committed (fsync, full_page_writes or synchronous_commit off) the
service refuses to start, in one sentence; for tests [database] allow_unsafe lets it, with a warning."""
from stand import builds, run
from stand.processes import Process


def start_refuses_an_unsafe_database(stand):
    service = stand.service
    safe = service.configuration.read_text(encoding="utf-8")

    def refused(what):
        process = Process("xgate serve", [str(builds.XGATE), "serve", "--config", str(service.configuration)],
                          stand.folder / "refused.log", env=builds.xgate_environment())
        assert process.wait(30) == 1
        sentences = [line for line in process.log().splitlines() if "critical" in line]
        process.kill()
        (stand.folder / "refused.log").unlink()
        assert len(sentences) == 1 and what in sentences[0] and "allow_unsafe = true" in sentences[0], sentences

    service.start()  # on a database that keeps what it commits
    service.stop()
    stand.database.sql(f"ALTER DATABASE {stand.database.name} SET synchronous_commit = off")
    refused("synchronous_commit is off")
    stand.database.sql(f"ALTER DATABASE {stand.database.name} RESET synchronous_commit")

    stand.cluster.stop()
    stand.cluster.durable = False
    stand.cluster.start()
    refused("fsync is off, full_page_writes is off")
    service.configuration.write_text(safe.replace("[database]\n", "[database]\nallow_unsafe = true\n"), encoding="utf-8")
    service.start()
    assert "may lose what devices were told is stored: fsync is off" in service.process.log()
    assert "critical" not in service.process.log()


run(start_refuses_an_unsafe_database, database="own", service=False)
