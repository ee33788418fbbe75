# SPDX-License-Identifier: Apache-2.0
"""Real PostgreSQL, Mosquitto with the plugin, and `xgate serve`, for one test, and all that talks to them."""
from .stand import Stand, run

__all__ = ["Stand", "run"]
