# SPDX-License-Identifier: Apache-2.0
"""Attacks by whoever has taken over the broker: he has the plugin's role in the database.

as_plugin  each of these statements. Facts: refused, done (those that went through)
"""
from stand.postgres import PLUGIN_ROLE


def as_plugin(scene, statements):
    done = []
    for statement in statements:
        try:
            scene.stand.database.sql(statement, PLUGIN_ROLE)
            done.append(statement)
        except RuntimeError as error:
            assert "permission denied" in str(error), error
    return {"refused": len(statements) - len(done), "done": done}


ATTACKS = {"as_plugin": as_plugin}
