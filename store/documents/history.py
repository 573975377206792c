"""Who came after whom: the graph of a document's changes, and who wrote each of them.

Conflicts are about concurrency, and concurrency is a question of ancestry. The graph is condensed
into *segments* (chains in which each change follows the one before and nothing else branches off),
because a document that one person typed into for a year is then one segment, and ancestry between
segments fits into one bit set each.

Everything here is a function of the set of changes: the order in which they arrived plays no part.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from store.documents.binding import OpId
from store.documents.inspect import InspectedChange
from store.domain.stamp import Stamp
from store.domain.weight import weight_bytes


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """What the graph keeps of a change: its header, and its bytes for what they touch."""

    hash: bytes
    deps: tuple[bytes, ...]
    actor: bytes
    seq: int
    start_op: int
    max_op: int
    stamp: Stamp
    raw: bytes

    @property
    def op(self) -> OpId:
        """The id of its last operation: changes are ordered by it where an order is needed."""
        return self.max_op, self.actor

    @classmethod
    def of(cls, change: InspectedChange) -> "ChangeInfo":
        """Keep what the graph needs of an inspected change."""
        return cls(
            change.hash,
            change.deps,
            change.actor,
            change.seq,
            change.start_op,
            change.max_op,
            change.stamp,
            change.raw,
        )


class History:
    """The changes of one document in an order in which none precedes what it depends on.

    Attributes:
        changes: all of them, the genesis first.
        position: where each stands there, by hash.
        is_linear: each follows the one before, and nothing else.
        first: that with the lowest op id after the genesis, whoever it came in after; None if none.
        last: that with the highest op id; likewise.
        operations: how many all of them have.
    """

    def __init__(self, changes: Iterable[ChangeInfo]) -> None:
        """Start with changes in causal order, genesis first."""
        self.changes: list[ChangeInfo] = []
        self.position: dict[bytes, int] = {}
        self.is_linear = True
        self.first: ChangeInfo | None = None
        self.last: ChangeInfo | None = None
        self.operations = 0
        self._by_actor: dict[bytes, tuple[list[int], list[int]]] = {}  # first ops, positions
        self._children: list[int] = []  # how many changes follow directly
        self._segment: list[int] = []  # number of the segment of each change
        self._segment_ancestors: list[int] = []  # one bit for each segment before it
        self._segment_last: list[int] = []  # position of its last change
        self._stale_segments = False
        for change in changes:
            self.add(change)

    def add(self, change: ChangeInfo) -> None:
        """Append a change whose dependencies are here."""
        if change.hash in self.position:
            return
        index = len(self.changes)
        deps = [self.position[dep] for dep in change.deps]
        if index and deps != [index - 1]:
            self.is_linear = False
        self.changes.append(change)
        self.position[change.hash] = index
        self.operations += change.max_op - change.start_op + 1
        self._children.append(0)
        starts, positions = self._by_actor.setdefault(change.actor, ([], []))
        at = bisect_right(starts, change.start_op)
        starts.insert(at, change.start_op)
        positions.insert(at, index)
        for dep in deps:
            self._children[dep] += 1
        self._extend_segments(index, deps)
        if index:
            self._note_ends(change)

    def heads(self) -> tuple[bytes, ...]:
        """The hashes that nothing follows yet, sorted."""
        followed = zip(self.changes, self._children, strict=True)
        return tuple(sorted(change.hash for change, children in followed if not children))

    @property
    def weight_bytes(self) -> int:
        """What the document takes in memory, estimated."""
        return weight_bytes(
            changes=len(self.changes), operations=self.operations, actors=len(self._by_actor)
        )

    def last_of(self, actor: bytes) -> ChangeInfo | None:
        """The change of an actor with its highest operations; None if it has none."""
        _, positions = self._by_actor.get(actor, ([], []))
        return self.changes[positions[-1]] if positions else None

    def writer_of(self, op: OpId) -> ChangeInfo | None:
        """The change that an operation belongs to."""
        counter, actor = op
        starts, positions = self._by_actor.get(actor, ([], []))
        at = bisect_right(starts, counter) - 1
        if at < 0:
            return None
        change = self.changes[positions[at]]
        return change if counter <= change.max_op else None

    def precedes(self, earlier: bytes, later: bytes) -> bool:
        """Whether one change is an ancestor of another (a change is not its own)."""
        a, b = self.position[earlier], self.position[later]
        if self.is_linear or a >= b:
            return a < b
        segments = self._segments()
        if segments[a] == segments[b]:
            return True
        return bool(self._segment_ancestors[segments[b]] >> segments[a] & 1)

    def concurrent(self, one: bytes, other: bytes) -> bool:
        """Whether neither of two different changes has seen the other."""
        return one != other and not self.precedes(one, other) and not self.precedes(other, one)

    def common_heads(self, versions: Sequence[bytes]) -> tuple[bytes, ...]:
        """The latest changes that all of these have seen (one where there is a single base)."""
        segments = self._segments()
        shared = -1 if versions else 0  # all bits
        for version in versions:
            own = segments[self.position[version]]
            shared &= self._segment_ancestors[own] | 1 << own
        found: list[int] = []
        while shared:
            segment = shared.bit_length() - 1
            found.append(self._last_seen(segment, versions))
            shared &= ~(self._segment_ancestors[segment] | 1 << segment)
        return tuple(self.changes[index].hash for index in sorted(found))

    def maximal(self, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
        """Those of the given changes that no other of them follows, in causal order."""
        kept: list[bytes] = []
        for candidate in sorted(hashes, key=self.position.__getitem__, reverse=True):
            if not any(self.precedes(candidate, k) for k in kept):
                kept.append(candidate)
        return tuple(reversed(kept))

    def chains(self) -> list[list[ChangeInfo]]:
        """The changes cut into segments, each in causal order."""
        segments = self._segments()
        grouped: list[list[ChangeInfo]] = [[] for _ in self._segment_ancestors]
        for index, change in enumerate(self.changes):
            grouped[segments[index]].append(change)
        return grouped

    def concurrent_pairs(self, changes: Sequence[bytes]) -> Iterator[tuple[int, int]]:
        """Pairs of the given changes that have not seen each other, by their indexes.

        Costs what comes out, not the square of what goes in: two people who meet every day have
        thousands of changes and few of them side by side.
        """
        segments = self._segments()
        in_segment: dict[int, list[int]] = {}
        asked = 0
        for index, change in enumerate(changes):
            segment = segments[self.position[change]]
            in_segment.setdefault(segment, []).append(index)
            asked |= 1 << segment
        for segment, later in in_segment.items():
            # A segment is numbered after its ancestors, so one with a lower number is an ancestor
            # or stands beside it.
            beside = asked & ((1 << segment) - 1) & ~self._segment_ancestors[segment]
            while beside:
                other = beside.bit_length() - 1
                beside &= ~(1 << other)
                for one in in_segment[other]:
                    for two in later:
                        yield (one, two) if one < two else (two, one)

    def _note_ends(self, change: ChangeInfo) -> None:
        if self.first is None or (change.start_op, change.actor) < (
            self.first.start_op,
            self.first.actor,
        ):
            self.first = change
        if self.last is None or change.op > self.last.op:
            self.last = change

    def _last_seen(self, segment: int, versions: Sequence[bytes]) -> int:
        """The last change of a segment that all of these have seen, where they have seen some."""
        last = self._segment_last[segment]
        for version in versions:
            index = self.position[version]
            if self._segment[index] == segment:
                last = min(last, index)
        return last

    def _segments(self) -> list[int]:
        """The number of the segment of each change."""
        if self._stale_segments:
            self._segment.clear()
            self._segment_ancestors.clear()
            self._segment_last.clear()
            self._stale_segments = False
            for index, change in enumerate(self.changes):
                self._extend_segments(index, [self.position[d] for d in change.deps])
        return self._segment

    def _extend_segments(self, index: int, deps: Sequence[int]) -> None:
        """Put the next change into the segment that it goes on with, or into one of its own."""
        if self._stale_segments:
            return
        if len(deps) == 1 and self._children[deps[0]] == 1:
            segment = self._segment[deps[0]]
            self._segment.append(segment)
            self._segment_last[segment] = index
            return
        seen = 0
        for dep in deps:
            segment = self._segment[dep]
            if self._segment_last[segment] != dep:
                self._stale_segments = True  # it branches off inside: cut anew when asked next
                return
            seen |= self._segment_ancestors[segment] | 1 << segment
        self._segment.append(len(self._segment_ancestors))
        self._segment_last.append(index)
        self._segment_ancestors.append(seen)
