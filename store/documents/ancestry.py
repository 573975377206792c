"""The changes of one document and what each of them had seen; whether a new one may follow them.

Pure Python over headers, so that a change can be judged before Automerge sees it. What it asks of a
change depends on the change and its ancestors alone, and is therefore the same on every device:

- its number follows that of its actor's last change, which is among its ancestors;
- its operations are counted on from its ancestors', and not by leaps: one with a number near 2^32
  would be the last that the document takes;
- it writes to nothing but what its ancestors made (`references` says what happens otherwise).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from store.documents.change_ops import ChangeOps, read_ops
from store.documents.codec import Malformed
from store.documents.inspect import InspectedChange
from store.documents.operations import OpId
from store.documents.references import (
    MAPS,
    SEQUENCES,
    UNSEEN,
    WRONG_KIND,
    BadReference,
    Needs,
    needs_of,
)

# How far a change's counter may be ahead of its ancestors. Automerge counts on from all that the
# writer's document holds, even where the edit is based on an older version of it.
COUNTER_LEAP_MAX: Final = 1_000_000
_DECODED_MAX: Final = 16  # changes kept decoded; one may have 50,000 operations


class NotCausal(ValueError):
    """A change that contradicts what it says it follows; str(error) is one sentence for people."""


class _Seen(NamedTuple):
    """A set of changes by index: all below `first`, and `first + k` for each bit k of `more`.

    Histories are mostly one chain, with a few changes side by side at its end: `more` stays small.
    """

    first: int
    more: int

    def holds(self, index: int) -> bool:
        return index < self.first or bool(self.more >> (index - self.first) & 1)

    def and_also(self, other: "_Seen") -> "_Seen":
        if self.first < other.first:
            return other.and_also(self)
        return _seen(self.first, self.more | other.more >> (self.first - other.first))

    def and_one(self, index: int) -> "_Seen":
        return _seen(self.first, self.more | 1 << (index - self.first))


def _seen(first: int, more: int) -> _Seen:
    full = (~more & (more + 1)).bit_length() - 1  # how many of the lowest bits are set
    return _Seen(first + full, more >> full)


class _Actor(NamedTuple):
    """An actor's changes: their first and last counters, ascending, and their indexes."""

    starts: list[int]
    ends: list[int]
    indexes: list[int]


class Ancestry:
    """The changes of one document, genesis first, each after those that it follows."""

    def __init__(self, changes: Iterable[InspectedChange] = ()) -> None:
        """Start with changes that were judged before.

        Raises:
            KeyError: one follows a change that is not among those before it.
        """
        self._position: dict[bytes, int] = {}
        self._seen: list[_Seen] = []  # of each change: its ancestors and itself
        self._max_op: list[int] = []
        self._numbered: dict[tuple[bytes, int], int] = {}
        self._actors: dict[bytes, _Actor] = {}
        self._raw: list[bytes] = []
        self._decoded: dict[int, ChangeOps] = {}  # of changes that were referred to lately
        for change in changes:
            self.add(change)

    def __contains__(self, change: bytes) -> bool:
        return change in self._position

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._position)

    def __len__(self) -> int:
        return len(self._position)

    def add(self, change: InspectedChange) -> None:
        """Append a change that is sound; a known one is ignored. Raises KeyError without deps."""
        if change.hash in self._position:
            return
        index = len(self._position)
        seen = self._seen_by(change).and_one(index)
        self._position[change.hash] = index
        self._seen.append(seen)
        self._raw.append(change.raw)
        self._max_op.append(max(change.max_op, self._last_op(change)))
        self._numbered[change.actor, change.seq] = index
        actor = self._actors.setdefault(change.actor, _Actor([], [], []))
        actor.starts.append(change.start_op)
        actor.ends.append(change.max_op)
        actor.indexes.append(index)

    def check(self, change: InspectedChange) -> None:
        """Decide whether a change whose deps are here may follow them.

        Raises:
            NotCausal: it may not, on any device.
            KeyError: its deps are not here.
        """
        seen = self._seen_by(change)
        if change.seq > 1 and not self._has_seen(seen, change.actor, change.seq - 1):
            raise NotCausal("It does not follow its author's change before it.")
        if self._has_seen(seen, change.actor, change.seq):
            raise NotCausal("Its author has used its number before.")
        last = self._last_op(change)
        if not last < change.start_op <= last + 1 + COUNTER_LEAP_MAX:
            raise NotCausal("Its operations are not counted on from those before it.")
        try:
            self._check_references(seen, needs_of(read_ops(change.raw)))
        except BadReference as error:
            raise NotCausal(str(error)) from None
        except Malformed as error:
            raise NotCausal(f"In it, {error}.") from None

    def ancestors(self, change: InspectedChange) -> set[bytes]:
        """List the hashes of all changes before one whose deps are here."""
        seen = self._seen_by(change)
        return {each for each, index in self._position.items() if seen.holds(index)}

    def _seen_by(self, change: InspectedChange) -> _Seen:
        seen = _Seen(0, 0)
        for dep in change.deps:
            seen = seen.and_also(self._seen[self._position[dep]])
        return seen

    def _last_op(self, change: InspectedChange) -> int:
        return max((self._max_op[self._position[dep]] for dep in change.deps), default=0)

    def _has_seen(self, seen: _Seen, actor: bytes, seq: int) -> bool:
        index = self._numbered.get((actor, seq))
        return index is not None and seen.holds(index)

    def _check_references(self, seen: _Seen, needs: Needs) -> None:
        for objects, actions in ((needs.maps, MAPS), (needs.sequences, SEQUENCES)):
            for op in objects:
                if self._ops_of(self._change_with(seen, op)).action(op[0]) not in actions:
                    raise BadReference(WRONG_KIND)
        # In the order of changes, so that each is decoded once.
        for at, obj, op in sorted(
            (self._change_with(seen, op), obj, op) for obj, op in needs.elements
        ):
            if self._ops_of(at).inserted_into(op[0]) != obj:
                raise BadReference(WRONG_KIND)
        for op in needs.replaced:
            self._change_with(seen, op)

    def _change_with(self, seen: _Seen, op: OpId) -> int:
        """Find the change that holds an operation, among those that were seen."""
        counter, actor = op
        changes = self._actors.get(actor)
        if changes is not None:
            at = bisect_right(changes.starts, counter) - 1
            if at >= 0 and counter <= changes.ends[at] and seen.holds(changes.indexes[at]):
                return changes.indexes[at]
        raise BadReference(UNSEEN)

    def _ops_of(self, index: int) -> ChangeOps:
        ops = self._decoded.get(index)
        if ops is None:
            if len(self._decoded) == _DECODED_MAX:
                self._decoded.clear()
            ops = self._decoded[index] = read_ops(self._raw[index])
        return ops
