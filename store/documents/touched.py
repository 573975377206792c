"""What a change touches: which fields, which of the document's objects. Read from its bytes alone.

The concurrent changes of a document are asked whether they touch its content (edit against trash)
or its text (passages), a field is asked who wrote it, and a version's line in the history says what
it changed.
"""

from collections.abc import Sequence
from typing import Final

from store.documents.chunk import read_header, unframe
from store.documents.codec import Malformed, decode_runs, read_bytes, read_leb128
from store.documents.columns import (
    COLUMNS_MAX,
    KEY_STRING,
    OBJECT_ACTOR,
    OBJECT_COUNTER,
    read_columns,
)
from store.documents.history import ChangeInfo, History
from store.documents.schema import object_ids
from store.domain.ids import DocId
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX, OPS_PER_CHANGE_MAX

Place = tuple[str, str]
"""Where a change writes: (object by its genesis name, key). The root is "", a text has no keys."""

ROOT_NAME: Final = ""
BODY: Final[Place] = ("body", "")
_BOOKKEEPING: Final = frozenset({"id", "kind", "source", "moved_to", "moved_from"})
_CONTENT_OBJECTS: Final = frozenset({"body", "tags"})


class Touches:
    """What each change of a document touches, worked out once. Grows with the history."""

    def __init__(self, doc: DocId, history: History) -> None:
        """Nothing is read before somebody asks."""
        self._doc = doc
        self._changes = history.changes
        self._places: dict[bytes, frozenset[Place]] = {}
        self._writers: dict[Place, list[bytes]] = {}
        self._indexed = 0

    def places(self, change: ChangeInfo) -> frozenset[Place]:
        """Where a change writes."""
        found = self._places.get(change.hash)
        if found is None:
            found = self._places[change.hash] = places(change.raw, self._doc)
        return found

    def writers(self, place: Place) -> Sequence[bytes]:
        """The changes that write to a place, in causal order."""
        for change in self._changes[self._indexed :]:
            for touched in self.places(change):
                self._writers.setdefault(touched, []).append(change.hash)
        self._indexed = len(self._changes)
        return self._writers.get(place, ())

    def text(self, change: ChangeInfo) -> bool:
        """Whether a change edits the body."""
        return BODY in self.places(change)

    def content(self, change: ChangeInfo) -> bool:
        """Whether a change edits a field, tags or the body (not only place or state)."""
        return any(
            name in _CONTENT_OBJECTS if name else key not in _BOOKKEEPING
            for name, key in self.places(change)
        )

    def names(self, change: ChangeInfo) -> frozenset[str]:
        """The root keys and the genesis objects (by name) that a change writes to."""
        return frozenset(name or key for name, key in self.places(change))


def places(raw: bytes, doc: DocId) -> frozenset[Place]:
    """Where a change writes: keys of the root, keys of genesis' maps, texts as a whole.

    Raises:
        Malformed: not a change; can't happen for one that was inspected.
    """
    body, _ = unframe(raw, body_bytes_max=CHANGE_RAW_BYTES_MAX)
    header = read_header(body, deps_max=DEPS_MAX)
    others, columns = read_columns(body, header.others_at, columns_max=COLUMNS_MAX)
    rows = OPS_PER_CHANGE_MAX
    actors = [header.actor, *others]
    counters = decode_runs(columns.get(OBJECT_COUNTER, b""), read_leb128, rows_max=rows)
    indexes = decode_runs(columns.get(OBJECT_ACTOR, b""), read_leb128, rows_max=rows)
    keys = decode_runs(columns.get(KEY_STRING, b""), read_bytes, rows_max=rows)
    names = {op: name for name, op in object_ids(doc).items()}
    length = max(len(counters), len(keys))
    for column in (counters, indexes, keys):
        column.extend([None] * (length - len(column)))
    found: set[Place] = set()
    for counter, index, key in set(zip(counters, indexes, keys, strict=False)):
        name: str | None = ROOT_NAME
        if counter is not None:
            if index is None or index >= len(actors):
                raise Malformed("an operation names an object of no actor")
            name = names.get((counter, actors[index]))
        if name is not None and (name or key is not None):
            found.add((name, "" if key is None else key.decode()))
    return frozenset(found)
