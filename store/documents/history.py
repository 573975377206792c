"""Who came after whom: the graph of a document's changes, and who wrote each of them.

Conflicts are about concurrency, and concurrency is a question of ancestry. The graph is condensed
into *segments* (chains in which each change follows the one before and nothing else branches off),
because a document that one person typed into for a year is then one segment, and ancestry between
segments fits into one bit set each.

Everything here is a function of the set of changes: the order in which they arrived plays no part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.documents.binding import OpId
from store.documents.inspect import InspectedChange
from store.domain.stamp import Stamp


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """What the graph keeps of a change: its header, and its bytes for what they touch."""

    hash: bytes
    deps: tuple[bytes, ...]
    actor: bytes
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
            change.start_op,
            change.start_op + change.ops - 1,
            change.stamp,
            change.raw,
        )


class History:
    """The changes of one document in an order in which none precedes what it depends on."""

    def __init__(self, changes: Iterable[ChangeInfo]) -> None:
        """Start with changes in causal order, genesis first."""
        self.changes: list[ChangeInfo] = []
        self.position: dict[bytes, int] = {}
        self.is_linear = True
        self._by_actor: dict[bytes, list[int]] = {}
        self._children: list[int] = []  # how many changes follow directly
        self._segment: list[int] | None = None
        self._segment_ancestors: list[int] = []
        for change in changes:
            self.add(change)

    def add(self, change: ChangeInfo) -> None:
        """Append a change whose dependencies are here."""
        if change.hash in self.position:
            return
        index = len(self.changes)
        if index and change.deps != (self.changes[-1].hash,):
            self.is_linear = False
        for dep in change.deps:
            self._children[self.position[dep]] += 1
        self.changes.append(change)
        self.position[change.hash] = index
        self._children.append(0)
        self._by_actor.setdefault(change.actor, []).append(index)
        self._segment = None

    def writer_of(self, op: OpId) -> ChangeInfo | None:
        """The change that an operation belongs to."""
        counter, actor = op
        for index in self._by_actor.get(actor, ()):
            change = self.changes[index]
            if change.start_op <= counter <= change.max_op:
                return change
        return None

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
        first, *rest = versions
        last = min(self.position[v] for v in versions)
        shared = [
            c.hash
            for c in self.changes[: last + 1]
            if self._reaches(c.hash, first) and all(self._reaches(c.hash, v) for v in rest)
        ]
        return self.maximal(shared)

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

    def _reaches(self, earlier: bytes, later: bytes) -> bool:
        return earlier == later or self.precedes(earlier, later)

    def _segments(self) -> list[int]:
        """Number the segment of each change; ancestry of segments as one bit set each."""
        if self._segment is not None:
            return self._segment
        segment: list[int] = []
        ancestors: list[int] = []
        for change in self.changes:
            deps = [self.position[d] for d in change.deps]
            if len(deps) == 1 and self._children[deps[0]] == 1:
                segment.append(segment[deps[0]])
                continue
            seen = 0
            for dep in deps:
                seen |= ancestors[segment[dep]] | 1 << segment[dep]
            segment.append(len(ancestors))
            ancestors.append(seen)
        self._segment, self._segment_ancestors = segment, ancestors
        return segment
