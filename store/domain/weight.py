"""How large an item may grow by being edited, whatever it says: what it weighs in memory.

A document holds all that was ever written in it, and is loaded as a whole wherever it is edited,
taken in or examined. Who examines it has two of it at once for a moment, in 1.5 GiB. A device
writes no item that is heavier than that allows, so that nothing saved is unsendable; two that go on
apart may make one together, and that one is refused alone (ADR 32).

The figures are of Automerge 1.0.0rc1 with what is kept beside it, measured on notes of 10,000 to
100,000 changes (ADR 34). The last one is what counts for an item that was edited by many commands:
each is an actor of its own.
"""

from typing import Final

BYTES_PER_CHANGE: Final = 2_800
BYTES_PER_OPERATION: Final = 250
BYTES_PER_CHANGE_AND_ACTOR: Final = 3

ITEM_BYTES_MAX: Final = 592 << 20
# Above it an item can still be put away, moved, settled and copied: acts, of which there are few.
ITEM_BYTES_FOR_ACTS: Final = 32 << 20


def weight_bytes(*, changes: int, operations: int, actors: int) -> int:
    """Estimate what a document takes in memory with all that is known of it, in bytes."""
    return (
        BYTES_PER_CHANGE * changes
        + BYTES_PER_OPERATION * operations
        + BYTES_PER_CHANGE_AND_ACTOR * changes * actors
    )
