"""The changes of one document and what each of them had seen; whether a new one may follow them.

Pure Python over headers, so that a change can be judged before Automerge sees it. What it asks of a
change depends on the change and its ancestors alone, and is therefore the same on every device:

- its number follows that of its actor's last change, which is among its ancestors;
- its operations are counted on from its ancestors', and not by leaps: one with a number near 2^32
  would be the last that the document takes;
- it writes to nothing but what its ancestors made (`references` says what happens otherwise);
- the values it writes can be read back (`values`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from store.documents.change_ops import ChangeOps, read_ops
from store.documents.codec import Malformed
from store.documents.inspect import InspectedChange
from store.documents.operations import OpId
from store.documents.references import (
    MAPS,
    SEQUENCES,
    UNSEEN,
    WRONG_KIND,
    Needs,
    Unfit,
    needs_of,
)
from store.documents.schema import genesis_actor, genesis_change, genesis_hash, genesis_ops
from store.documents.values import is_readable
from store.domain.ids import DocId

# How far a change's counter may be ahead of its ancestors. Automerge counts on from all that the
# writer's document holds, even where the edit is based on an older version of it.
COUNTER_LEAP_MAX: Final = 1_000_000
_DECODED_MAX: Final = 16  # changes kept decoded; one may have 50,000 operations


class Placed(Protocol):
    """What is asked of a change that is there: an `InspectedChange`, or one of a `History`."""

    @property
    def hash(self) -> bytes: ...  # noqa: D102
    @property
    def deps(self) -> tuple[bytes, ...]: ...  # noqa: D102
    @property
    def actor(self) -> bytes: ...  # noqa: D102
    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def start_op(self) -> int: ...  # noqa: D102
    @property
    def max_op(self) -> int: ...  # noqa: D102
    @property
    def raw(self) -> bytes: ...  # noqa: D102


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

    def __init__(self, doc: DocId, changes: Iterable[Placed] = ()) -> None:
        """Start with genesis, and with changes that were judged before.

        Args:
            doc: id of the document.
            changes: its changes without genesis, each after those that it follows.

        Raises:
            KeyError: one follows a change that is not among those before it.
        """
        self._genesis_actor = genesis_actor(doc)
        self._doc = doc
        self._position: dict[bytes, int] = {}
        self._seen: list[_Seen] = []  # of each change: its ancestors and itself
        self._max_op: list[int] = []
        self._numbered: dict[tuple[bytes, int], int] = {}
        self._actors: dict[bytes, _Actor] = {}
        self._raw: list[bytes] = []
        self._decoded: dict[int, ChangeOps] = {}  # of changes that were referred to lately
        last = genesis_ops(doc)
        self._append(genesis_hash(doc), _Seen(1, 0), genesis_change(doc), last)
        self._number(self._genesis_actor, 1, 1, last)
        for change in changes:
            self.add(change)

    def __contains__(self, change: bytes) -> bool:
        return change in self._position

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._position)

    def __len__(self) -> int:
        return len(self._position)

    def add(self, change: Placed) -> None:
        """Append a change that is sound; a known one is ignored. Raises KeyError without deps."""
        if change.hash in self._position:
            return
        seen = self._seen_by(change).and_one(len(self._position))
        max_op = max(change.max_op, self._last_op(change))
        self._append(change.hash, seen, change.raw, max_op)
        self._number(change.actor, change.seq, change.start_op, change.max_op)

    def _append(self, hash_: bytes, seen: _Seen, raw: bytes, max_op: int) -> None:
        self._position[hash_] = len(self._position)
        self._seen.append(seen)
        self._raw.append(raw)
        self._max_op.append(max_op)

    def _number(self, actor: bytes, seq: int, start_op: int, max_op: int) -> None:
        """Note whose operations the last appended change holds."""
        index = len(self._position) - 1
        self._numbered[actor, seq] = index
        changes = self._actors.setdefault(actor, _Actor([], [], []))
        changes.starts.append(start_op)
        changes.ends.append(max_op)
        changes.indexes.append(index)

    def check(self, change: InspectedChange) -> None:
        """Decide whether a change whose deps are here may follow them.

        Raises:
            Unfit: it may not, on any device.
            KeyError: its deps are not here.
        """
        if not change.deps or change.actor == self._genesis_actor:
            raise Unfit("It begins the document in a wrong way.")
        seen = self._seen_by(change)
        if change.seq > 1 and not self._has_seen(seen, change.actor, change.seq - 1):
            raise Unfit("It does not follow its author's change before it.")
        if self._has_seen(seen, change.actor, change.seq):
            raise Unfit("Its author has used its number before.")
        last = self._last_op(change)
        if not last < change.start_op <= last + 1 + COUNTER_LEAP_MAX:
            raise Unfit("Its operations are not counted on from those before it.")
        try:
            ops = read_ops(change.raw)
            needs = needs_of(ops)
            is_fit = is_readable(ops)
        except Malformed as error:
            raise Unfit(f"In it, {error}.") from None
        if not is_fit:
            raise Unfit("It holds a value of a kind that no task or note has.")
        self._check_references(seen, needs)

    def ancestors(self, change: Placed) -> set[bytes]:
        """List the hashes of all changes before one whose deps are here."""
        seen = self._seen_by(change)
        return {each for each, index in self._position.items() if seen.holds(index)}

    def _seen_by(self, change: Placed) -> _Seen:
        seen = _Seen(0, 0)
        for dep in change.deps:
            seen = seen.and_also(self._seen[self._position[dep]])
        return seen

    def _last_op(self, change: Placed) -> int:
        return max((self._max_op[self._position[dep]] for dep in change.deps), default=0)

    def _has_seen(self, seen: _Seen, actor: bytes, seq: int) -> bool:
        index = self._numbered.get((actor, seq))
        return index is not None and seen.holds(index)

    def _check_references(self, seen: _Seen, needs: Needs) -> None:
        for objects, actions in ((needs.maps, MAPS), (needs.sequences, SEQUENCES)):
            for op in objects:
                if self._ops_of(self._change_with(seen, op)).action(op[0]) not in actions:
                    raise Unfit(WRONG_KIND)
        # In the order of changes, so that each is decoded once.
        for at, obj, op in sorted(
            (self._change_with(seen, op), obj, op) for obj, op in needs.elements
        ):
            if self._ops_of(at).inserted_into(op[0]) != obj:
                raise Unfit(WRONG_KIND)
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
        raise Unfit(UNSEEN)

    def _ops_of(self, index: int) -> ChangeOps:
        ops = self._decoded.get(index)
        if ops is None:
            if len(self._decoded) == _DECODED_MAX:
                self._decoded.clear()
            ops = self._decoded[index] = (
                read_ops(self._raw[index]) if index else _ops_of_genesis(self._doc)
            )
        return ops


def _ops_of_genesis(doc: DocId) -> ChangeOps:
    """Genesis differs between documents of a kind by id and actor only: decode one of each kind."""
    ops = _ops_of_any_genesis(doc[:2])
    return replace(ops, actors=[genesis_actor(doc)])


@lru_cache(maxsize=8)
def _ops_of_any_genesis(schema: str) -> ChangeOps:
    return read_ops(genesis_change(DocId(schema + "a" * 26)))
