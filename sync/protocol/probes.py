"""Messages about probes: how long a change takes to the other devices is measured with them.

A probe is no row of a log: it is told to the devices that are connected, and then forgotten.
"""

from msgspec import Struct

from sync.protocol.fields import AtMs, Count, Id
from sync.protocol.seen import Seen


class SendProbe(Struct, frozen=True):
    """Write this device's probe, to see how long it takes to reach those that are connected.

    Attributes:
        space: the space.
        at_ms: when it was written, by the server's clock as the device measured it.
        seen: what the device saw since its last probe.
    """

    space: Id
    at_ms: AtMs
    seen: Seen = Seen()


class ProbeSent(Struct, frozen=True):
    """A probe is on its way: its name, and how many devices are connected and should see it."""

    stamp: Count
    devices: Count


class Probe(Struct, frozen=True):
    """Another device's probe; `at_ms` as in `SendProbe`. Newer ones have higher stamps."""

    stamp: Count
    at_ms: AtMs


class ProbeOutcome(Struct, frozen=True):
    """How many devices a probe awaited, and how many of them have it."""

    devices: Count
    confirmed: Count


class ProbeQuery(Struct, frozen=True):
    """Ask what became of the asker's own probe."""

    space: Id
    stamp: Count
