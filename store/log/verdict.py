"""What can become of a change that is offered to a log."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a change.

    ACCEPTED       it has a sequence number now
    DUPLICATE      known by its hash (or the genesis, which every side computes): nothing to do
    MISSING_DEPS   changes that it follows are not here: hold it, or ask for them
    EQUIVOCATION   its actor has written another change under this number: quarantined
    BAD_GENESIS    it begins the document in another way than the document's id says
    OTHER_SPACE    the document belongs to another space
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    MISSING_DEPS = "missing-deps"
    EQUIVOCATION = "equivocation"
    BAD_GENESIS = "bad-genesis"
    OTHER_SPACE = "other-space"


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append.

    Attributes:
        seq: sequence number in the log, if it was accepted.
        missing: the deps that are not here, for MISSING_DEPS.
        is_readopted: it was withdrawn, and has its old number again.
    """

    verdict: Verdict
    seq: int | None = None
    missing: tuple[bytes, ...] = ()
    is_readopted: bool = False
