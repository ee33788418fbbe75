#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A connection to the database that gets lost is opened again at once, however young it is: the next request is answered."""
from stand import run


def api_opens_a_lost_connection_at_once(stand):
    for number in range(5):
        stand.proxy.lose_next_commit_answer("xgate-api")
        assert stand.service.request("POST", "/api/v1/vendors", {"name": f"Lost {number}"}).status == 503
        assert stand.proxy.lost.is_set()
        assert f"Lost {number}" in [vendor["name"] for vendor in stand.service.items("/vendors")]


run(api_opens_a_lost_connection_at_once, settings="[http]\nworkers = 1\n", database_proxy=True)
