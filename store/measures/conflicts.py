"""Counting the conflicts that open in one act, by kind of document, kind of conflict and field."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from store.domain.fields import OWN_FIELDS, SCALAR_FIELDS
from store.domain.ids import DocId, Kind, kind_of
from store.domain.measures import names
from store.domain.measures.names import OTHER
from store.measures.samples import Samples

_OPEN: Final = (
    "SELECT id, doc, kind, coalesce(field, '') FROM conflict WHERE settled IS NULL"
    " AND doc IN (SELECT value FROM json_each(?))"
)


@contextmanager
def opened_conflicts(
    conn: sqlite3.Connection, docs: Iterable[DocId], samples: Samples
) -> Iterator[None]:
    """Count the conflicts of some documents that are open after the block and were not before.

    A conflict that is opened again counts again: somebody has to look at it again.
    """
    wanted = json.dumps(list(docs))
    before = {row[0] for row in conn.execute(_OPEN, (wanted,))}
    yield
    for conflict_id, doc, kind, field in conn.execute(_OPEN, (wanted,)):
        if conflict_id not in before:
            samples.count(names.CONFLICTS, conflict_label(kind_of(doc), kind, field))


def conflict_label(doc_kind: Kind, kind: str, field: str) -> str:
    """Name a sort of conflict: `task.field.title`, `note.passage`, `task.lifecycle`.

    Which tag it is about (`tags/<tag>`) is what somebody wrote: of all of them it is `tags`. So is
    the name of a field that only another program knows: it is `other`.
    """
    if kind != "field":
        return f"{doc_kind}.{kind}"
    name = field.partition("/")[0]
    is_ours = name in (*SCALAR_FIELDS[doc_kind], *OWN_FIELDS, "tags")
    return f"{doc_kind}.field.{name if is_ours else OTHER}"
