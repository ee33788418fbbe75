# SPDX-License-Identifier: Apache-2.0
"""The catalogue. A fault is a function that breaks something of a Scene and, where it can be taken back, takes it back: the
time to heal runs from its return."""
import collections

Fault = collections.namedtuple("Fault", "name what strike impossible broker_may_lose service_dies clock_moves")
CATALOGUE = {}


def fault(what, impossible=lambda: None, broker_may_lose=False, service_dies=False, clock_moves=False):
    """`impossible()`: why it cannot be had here. `broker_may_lose`: a PUBACK promises nothing, for the broker dies, or
    its queue is full; only the protocol's own ack does. `service_dies`: what it had only counted is gone. `clock_moves`: a time that is
    over may be only the clock's opinion."""
    def enter(strike):
        CATALOGUE[strike.__name__] = Fault(strike.__name__, what, strike, impossible, broker_may_lose, service_dies,
                                           clock_moves)
        return strike
    return enter


NO_FAULT = Fault("none", "", None, None, False, False, False)


def load_catalogue():
    # pylint: disable=import-outside-toplevel,unused-import
    import faults_broker
    import faults_clock
    import faults_database
    import faults_network
    import faults_processes
    return CATALOGUE
