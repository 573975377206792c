"""What a change touches: which fields, which of the document's objects. Read from its bytes alone.

The concurrent changes of a document are asked whether they touch its content (edit against trash)
or its text (passages), and a version's line in the history says what it changed.
"""

from functools import lru_cache
from typing import Final

from store.documents.chunk import read_header, unframe
from store.documents.codec import Malformed, decode_runs, read_bytes, read_leb128
from store.documents.columns import KEY_STRING, OBJECT_ACTOR, OBJECT_COUNTER, read_columns
from store.documents.inspect import COLUMNS_MAX
from store.documents.schema import object_ids
from store.domain.ids import DocId
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX, OPS_PER_CHANGE_MAX

_BOOKKEEPING: Final = frozenset({"id", "kind", "source", "moved_to", "moved_from"})
_CONTENT_OBJECTS: Final = frozenset({"body", "tags"})


def touches_text(raw: bytes, doc: DocId) -> bool:
    """Whether a change edits the body."""
    return "body" in touched(raw, doc)


def touches_content(raw: bytes, doc: DocId) -> bool:
    """Whether a change edits a field, tags or the body (not only place or state)."""
    objects = object_ids(doc)
    return any(
        name in _CONTENT_OBJECTS if name in objects else name not in _BOOKKEEPING
        for name in touched(raw, doc)
    )


@lru_cache(maxsize=4096)
def touched(raw: bytes, doc: DocId) -> frozenset[str]:
    """The root keys and the genesis objects (by name) that a change writes to.

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
    found: set[str] = set()
    for i in range(max(len(counters), len(keys))):
        counter = counters[i] if i < len(counters) else None
        if counter is None:
            key = keys[i] if i < len(keys) else None
            if key is not None:
                found.add(key.decode())
            continue
        index = indexes[i] if i < len(indexes) else None
        if index is None or index >= len(actors):
            raise Malformed("an operation names an object of no actor")
        name = names.get((counter, actors[index]))
        if name is not None:
            found.add(name)
    return frozenset(found)
