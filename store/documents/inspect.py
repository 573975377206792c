"""Judge the bytes of a change without Automerge, in some microseconds, before it reads them.

A change comes from a stranger. 64 bytes can say "put this key a million times" and keep Automerge
busy for hours; two megabytes can inflate to two gigabytes and abort the process. So before it sees
a change, the envelope is checked, the body inflated within bounds, and the rows of *every* column
counted from the run lengths, without making them: no column may have more rows than there are
operations.

What passes is well-formed outside; whether its operations make sense only a trial load tells
(`trial`).

Source: field guide, section 2, and automerge.org/automerge-binary-format-spec.
"""

from dataclasses import dataclass
from typing import Final, Literal

from store.documents.chunk import BadChecksum, TooLarge, WrongType, read_header, unframe
from store.documents.codec import Malformed
from store.documents.columns import (
    COLUMNS_MAX as COLUMNS_MAX,
)
from store.documents.columns import (
    TooManyOps,
    count_ops,
    count_writes_in_place,
    most_writes_to_one_place,
    read_columns,
)
from store.domain.limits import (
    CHANGE_BYTES_MAX,
    CHANGE_RAW_BYTES_MAX,
    DEPS_MAX,
    OPS_PER_CHANGE_MAX,
)
from store.domain.stamp import Stamp, stamp_of

RefusalType = Literal["malformed", "checksum", "too-large", "too-many-ops", "not-a-change"]

ACTOR_BYTES_MAX: Final = 64  # 16 is usual; the log indexes them
COUNTER_MAX: Final = (
    1 << 31
)  # Automerge counts in 32 bits; beyond it the document takes no more edits
# Loading takes quadratic time in the writes to one place: 50,000 take 15 s, 1,000 take 6 ms. Nobody
# who edits needs to write a field twice in one change, so this is generous.
WRITES_PER_PLACE_MAX: Final = 100


class ChangeRefused(ValueError):
    """These bytes are not a change that any replica should take.

    Attributes:
        reason_type: stable slug, the same on every replica.
        detail: one sentence for people.
    """

    def __init__(self, reason_type: RefusalType, detail: str) -> None:
        super().__init__(detail)
        self.reason_type: RefusalType = reason_type
        self.detail = detail


@dataclass(frozen=True, slots=True)
class InspectedChange:
    """A change whose envelope is sound, and what its header says.

    Attributes:
        raw: the bytes as they came, possibly deflated.
        hash: 32 bytes, its name.
        deps: hashes of the changes it follows.
        actor: who made it; counts its changes by `seq`, from 1.
        start_op: counter of its first operation.
        ops: how many operations.
        time_s: Unix seconds as the header has them.
        message: free text.
        stamp: author and time, read from message and time.
    """

    raw: bytes
    hash: bytes
    deps: tuple[bytes, ...]
    actor: bytes
    seq: int
    start_op: int
    ops: int
    time_s: int
    message: str | None
    stamp: Stamp

    @property
    def max_op(self) -> int:
        """Counter of its last operation."""
        return self.start_op + self.ops - 1


def inspect_change(raw: bytes) -> InspectedChange:
    """Check the bytes of one change and read its header.

    Raises:
        ChangeRefused: with the type of reason; nothing else, whatever the bytes.
    """
    if len(raw) > CHANGE_BYTES_MAX:
        raise ChangeRefused(
            "too-large", f"The change has {len(raw)} bytes; {CHANGE_BYTES_MAX} are allowed."
        )
    try:
        return _inspected(raw)
    except BadChecksum as error:
        raise ChangeRefused("checksum", _sentence(error)) from None
    except TooLarge as error:
        raise ChangeRefused("too-large", _sentence(error)) from None
    except TooManyOps as error:
        raise ChangeRefused("too-many-ops", _sentence(error)) from None
    except WrongType as error:
        raise ChangeRefused("not-a-change", _sentence(error)) from None
    except (Malformed, UnicodeDecodeError) as error:
        raise ChangeRefused("malformed", _sentence(error)) from None


def _inspected(raw: bytes) -> InspectedChange:
    body, digest = unframe(raw, body_bytes_max=CHANGE_RAW_BYTES_MAX)
    deps, actor, seq, start_op, time_s, message, _, at = read_header(body, deps_max=DEPS_MAX)
    _, columns = read_columns(body, at, columns_max=COLUMNS_MAX)
    ops = count_ops(columns, ops_max=OPS_PER_CHANGE_MAX)
    _check_numbers(actor, seq, start_op, ops)
    if ops > WRITES_PER_PLACE_MAX:
        _check_places(columns, ops)
    stamp = stamp_of(message, time_s)
    return InspectedChange(raw, digest, deps, actor, seq, start_op, ops, time_s, message, stamp)


def _check_numbers(actor: bytes, seq: int, start_op: int, ops: int) -> None:
    if len(actor) > ACTOR_BYTES_MAX:
        raise Malformed(f"the name of an actor has at most {ACTOR_BYTES_MAX} bytes")
    if seq < 1 or start_op < 1 or seq > COUNTER_MAX or start_op + ops > COUNTER_MAX:
        raise Malformed("its counters are out of range")


def _check_places(columns: dict[int, bytes], ops: int) -> None:
    if count_writes_in_place(columns, ops) <= WRITES_PER_PLACE_MAX:
        return
    if most_writes_to_one_place(columns, ops) > WRITES_PER_PLACE_MAX:
        raise TooManyOps(f"a change writes to one place at most {WRITES_PER_PLACE_MAX} times")


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "Its message is not text."
    said = str(error)
    return f"{said[0].upper()}{said[1:]}."
