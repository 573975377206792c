"""Messages about the ledger: commands, what became of them, and acts that come back (D24).

What a command may hold stands in `store.ledger.command_codec`. Generations are random bytes, `n`
counts the acts of one generation from 1; 0 = before the first.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from store.domain.limits import PUSH_ROWS_MAX
from store.ledger.command_codec import AskedCommand
from sync.protocol.fields import Count, Generation, Id

COMMANDS_MAX: Final = 50  # in one batch
COMMANDS_BYTES_MAX: Final = 256 << 10  # a batch of fifty bookings of fifty items
ACT_BYTES_MAX: Final = 1 << 20

LedgerHash = Annotated[bytes, Meta(max_length=32)]


class LedgerState(Struct, frozen=True):
    """Where a space's ledger stands at its authority.

    Attributes:
        key: the 32 bytes by which its acts are verified.
        generation: of the ledger now; empty while nothing was ever decided.
        n: number of its last act.
        hash: of that act's row; empty at 0.
        before: the generation before this one; empty where there was none.
        upto: the act of that generation that this one goes on from.
        upto_hash: of that act's row; empty at 0.
    """

    key: bytes
    generation: Generation = b""
    n: Count = 0
    hash: LedgerHash = b""
    before: Generation = b""
    upto: Count = 0
    upto_hash: LedgerHash = b""


class LedgerPlace(Struct, frozen=True):
    """The last act that a device has folded; `hash` is that of the act's row."""

    generation: Generation
    n: Count
    hash: LedgerHash


class Asked(Struct, frozen=True):
    """A command, and the key under which it takes effect at most once.

    Attributes:
        key: made with the intent and kept for all tries.
        command: what is asked for.
    """

    key: Id
    command: AskedCommand


class Commands(Struct, frozen=True):
    """Commands in the order in which they are to be decided.

    Attributes:
        space: the space.
        commands: at least one.
        at: where the asking device's ledger stands; None = it has none.
    """

    space: Id
    commands: Annotated[list[Asked], Meta(min_length=1, max_length=COMMANDS_MAX)]
    at: LedgerPlace | None = None


class Decision(Struct, frozen=True):
    """What became of a command; the same however often it is asked.

    Attributes:
        key: of the command.
        ok: it took effect (or had nothing to change).
        type: stable word for why not: `refused`, `insufficient`, `invalid-value`, `not-found`,
            `version-moved`, `limit`.
        detail: why not, in one sentence.
        generation, n: the act up to which the ledger is to be read for the result to show.
        version: the item's version now, where it has moved; else 0.
    """

    key: str
    ok: bool
    generation: Generation
    n: Count
    type: str = ""
    detail: str = ""
    version: Count = 0


class Decisions(Struct, frozen=True):
    """What became of a batch, in its order, and where the ledger stands now."""

    decisions: list[Decision]
    generation: Generation
    n: Count


class Offered(Struct, frozen=True):
    """Signed acts that the asking device has and the authority lost (DECISIONS D24), in order."""

    space: Id
    acts: Annotated[
        list[Annotated[bytes, Meta(max_length=ACT_BYTES_MAX)]],
        Meta(min_length=1, max_length=PUSH_ROWS_MAX),
    ]


class OfferTaken(Struct, frozen=True):
    """What became of offered acts.

    Attributes:
        entered: acts that were entered again.
        known: acts that needed nothing.
        generation, n: where the ledger stands now.
    """

    entered: Count
    known: Count
    generation: Generation
    n: Count
