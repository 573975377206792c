"""The ledgers of a server's spaces: where each stands, and how one goes on within a transaction."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from store.domain.ids import SpaceId
from store.ledger.record import LedgerAt, LedgerWriter, ledger_at
from store.ledger.signing import Signer, public_key
from store.log.entries import entry_hash
from sync.protocol.ledger import LedgerState
from sync.server.secrets import Entropy

GENERATION_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Signs for all spaces of one server.

    Attributes:
        seed: the 32 secret bytes.
        clock_ms: Unix time.
        entropy: gives n random bytes.
        public_key: by which everybody verifies; the same in all spaces, which the signatures tell
            apart. Follows from the seed.
    """

    seed: bytes = field(repr=False)
    clock_ms: Callable[[], int]
    entropy: Entropy
    public_key: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Derive the public key: hellos and offered acts ask for it all the time."""
        object.__setattr__(self, "public_key", public_key(self.seed))

    def state(self, conn: sqlite3.Connection, space: SpaceId) -> LedgerState:
        """Where a space's ledger stands."""
        at = ledger_at(conn, space)
        if at is None:
            return LedgerState(self.public_key)
        upto_hash = entry_hash(conn, space, at.before, at.upto) or b""
        return LedgerState(at.key, at.generation, at.n, at.hash, at.before, at.upto, upto_hash)

    def writer(self, conn: sqlite3.Connection, space: SpaceId) -> LedgerWriter:
        """Go on with a space's ledger, or begin it. The caller flushes before the commit."""
        at = ledger_at(conn, space) or LedgerAt(self.public_key, self.new_generation())
        return LedgerWriter(conn, space, at, Signer(self.seed, space), self.clock_ms())

    def new_generation(self) -> bytes:
        """Name a generation."""
        return self.entropy(GENERATION_BYTES)
