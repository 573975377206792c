"""The heads of one document while a transaction appends to it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class DocHeads:
    """Where a document stands.

    Attributes:
        space: the space that it belongs to.
        stored_heads: sorted heads as the database has them.
        heads: heads as they are now.
        known: hashes of all changes and of the genesis; None until heads don't suffice.
        changes: how many are logged.
        is_linear: no two of them are concurrent.
        last_seq: sequence number of the last one.
        own_seq: of the last one that the space's server has to acknowledge.
        is_touched: differs from what the database has.
    """

    space: str
    stored_heads: tuple[bytes, ...] = ()
    heads: set[bytes] = field(default_factory=set)
    known: set[bytes] | None = None
    changes: int = 0
    is_linear: bool = True
    last_seq: int = 0
    own_seq: int = 0
    is_touched: bool = False

    def follow(self, change_hash: bytes, deps: tuple[bytes, ...]) -> None:
        """Move the heads to a change that follows some of them."""
        if self.changes and self.heads != set(deps):
            self.is_linear = False
        self.heads.difference_update(deps)
        self.heads.add(change_hash)
        if self.known is not None:
            self.known.add(change_hash)
        self.changes += 1
