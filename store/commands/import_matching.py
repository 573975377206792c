"""Which item a file made when it was imported before, and whose content it may therefore change.

Two folders may both have a `README.md`. A path inside a folder is the same on every device, but
does not tell one folder from another, and nothing in a document may say more: its first content is
a function of the file alone (DECISIONS D12). So each device remembers where it read what (table
`imported`), and a file changes an item only if one of these holds:

1. it was read at this very place before, and no other file that is still there made the item too;
2. nothing was read at this place yet, no file that is still there made the item, and at least half
   of both texts are the same lines: a folder that was moved, or another device's copy of one.

Content that an item has had before changes nothing, wherever it lies: an older copy of a folder
does not bring the past back. Everything else is a new item: in doubt something stands there twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.commands.import_names import IMPORTER, actor_of
from store.commands.unit_of_work import UnitOfWork
from store.domain.ids import DocId, SpaceId
from store.imports import ImportItem, Place

_SAME_SHARE: Final = 0.5
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Match:
    """The item that a source made before.

    Attributes:
        heads: of its imports, those that no other import follows.
        is_read: it has this very content, or had it: nothing is to be written.
    """

    doc: DocId
    heads: tuple[bytes, ...]
    is_read: bool


@dataclass(frozen=True, slots=True)
class _Imports:
    """What the log says of the imports of a document, so that it need not be opened."""

    heads: tuple[bytes, ...]
    were_this: bool  # one of them wrote the content that is read now
    are_this: bool  # and no other one follows it


def match(act: UnitOfWork, space: SpaceId, item: ImportItem) -> Match | None:
    """Find the item that a source made before, in the trash or beyond it too; None: a new one."""
    act.flush()
    if item.place is None:
        found = (_changed(*each) for each in _made_from(act, space, item))
        return next(found, None)
    before = _read_at(act, space, item.place, item.kind)
    if before is None:
        return _elsewhere(act, space, item, item.place)
    doc, content = before
    imports = _imports(act, space, doc, item)
    if content == item.content_hash:
        return Match(doc, imports.heads, is_read=True)
    if not _has_other_place(act, space, doc, item.place):
        return _changed(doc, imports)
    return _had_this(_made_from(act, space, item))


def _elsewhere(act: UnitOfWork, space: SpaceId, item: ImportItem, place: Place) -> Match | None:
    """Find the item of a file that was not read yet at this place."""
    made = _made_from(act, space, item)
    found = _had_this(made)
    for doc, imports in made if found is None else ():
        if not _has_other_place(act, space, doc, place) and _is_edition(act, doc, item):
            return _changed(doc, imports)
    return found


def _had_this(made: Sequence[tuple[DocId, _Imports]]) -> Match | None:
    found = (Match(doc, each.heads, is_read=True) for doc, each in made if each.were_this)
    return next(found, None)


def remember(act: UnitOfWork, space: SpaceId, item: ImportItem, doc: DocId) -> None:
    """Note down, on this device only, what was read at a place and which item it made."""
    if item.place is not None:
        act.conn.execute(
            "INSERT OR REPLACE INTO imported(space, kind, file, part, doc, content)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (space, item.kind, item.place.file, item.place.part, doc, item.content_hash),
        )


def _changed(doc: DocId, imports: _Imports) -> Match:
    return Match(doc, imports.heads, is_read=imports.are_this or not imports.heads)


def _made_from(act: UnitOfWork, space: SpaceId, item: ImportItem) -> list[tuple[DocId, _Imports]]:
    rows = act.conn.execute(
        "SELECT doc FROM item WHERE space = ? AND source = ? AND kind = ? ORDER BY doc",
        (space, item.source, item.kind),
    ).fetchall()
    return [(DocId(doc), _imports(act, space, DocId(doc), item)) for (doc,) in rows]


def _imports(act: UnitOfWork, space: SpaceId, doc: DocId, item: ImportItem) -> _Imports:
    rows = act.conn.execute(
        "SELECT hash, deps, actor FROM log WHERE doc = ? AND type = 'change'"
        " AND person = ? AND device = '' ORDER BY seq",
        (doc, IMPORTER),
    ).fetchall()
    followed = {
        deps[i : i + _HASH_BYTES] for _, deps, _ in rows for i in range(0, len(deps), _HASH_BYTES)
    }
    heads = sorted((hash_, actor) for hash_, _, actor in rows if hash_ not in followed)
    begins: dict[bytes, bytes] = {}  # what the first change of each import follows, by its actor
    for _, deps, actor in rows:
        begins.setdefault(actor, deps)
    these = {actor for actor, deps in begins.items() if actor == actor_of(space, item, deps)}
    return _Imports(
        heads=tuple(hash_ for hash_, _ in heads),
        were_this=bool(these),
        are_this=len(heads) == 1 and heads[0][1] in these,
    )


def _read_at(
    act: UnitOfWork, space: SpaceId, place: Place, kind: str
) -> tuple[DocId, bytes] | None:
    row = act.conn.execute(
        "SELECT doc, content FROM imported JOIN item USING (doc, space, kind)"
        " WHERE space = ? AND kind = ? AND file = ? AND part = ?",
        (space, kind, place.file, place.part),
    ).fetchone()
    return (DocId(row[0]), row[1]) if row else None


def _has_other_place(act: UnitOfWork, space: SpaceId, doc: DocId, place: Place) -> bool:
    """Tell whether another file made this item, too, and is still there."""
    rows = act.conn.execute(
        "SELECT DISTINCT file FROM imported WHERE doc = ? AND space = ? AND file <> ?",
        (doc, space, place.file),
    )
    return any(Path(file).exists() for (file,) in rows)


def _is_edition(act: UnitOfWork, doc: DocId, item: ImportItem) -> bool:
    """Tell whether a text is another state of an item's: half of both or more is the same lines."""
    row = act.conn.execute("SELECT title, body FROM text WHERE doc = ?", (doc,)).fetchone()
    if row is None:
        return False
    was, now = _lines("\n".join(row)), _lines(f"{item.title}\n{item.body}")
    same = sum(len(line) * count for line, count in (was & now).items())
    longer = max(sum(len(line) * count for line, count in each.items()) for each in (was, now))
    return same >= _SAME_SHARE * longer


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n"))
