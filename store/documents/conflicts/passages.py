"""Text passages that two people changed without seeing each other (DECISIONS D5).

Merged text has no conflicts for Automerge, and characters of one sentence written by two people can
merge into nonsense. So every place where this can have happened is listed for review:

- a *paragraph* is the text between line breaks, named by the insertion of the break before it (the
  first one by the empty name);
- the *footprint* (`footprints`) of a run of changes is the set of paragraphs that existed when the
  run began and in which it deleted or inserted characters;
- two concurrent runs whose footprints share a paragraph make it a passage to review, until a
  settlement has seen both.

`runs` says what a run is. All of this is a function of the set of changes. Where a passage lies in
some version is the business of `regions`.
"""

from collections.abc import Iterable, Iterator, Sequence

from store.documents.binding import Doc, object_id
from store.documents.conflicts.footprints import footprint, shared_paragraphs
from store.documents.conflicts.naming import name_of, op_text, parse_op
from store.documents.conflicts.regions import Region, Texts, Version, paragraph_names
from store.documents.conflicts.runs import Run, Runs, Told
from store.documents.history import History
from store.documents.schema import object_ids
from store.documents.settlements import Settlements
from store.documents.state import Conflict, Side
from store.documents.text_diff import Splice, splices
from store.documents.touched import Touches
from store.domain.ids import DocId


def passage_conflicts(
    doc: Doc,
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    touches: Touches,
    runs: Runs,
) -> Iterator[Conflict]:
    """The paragraphs to review, with each side's text as its author left it.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        settlements: its records.
        touches: what its changes touch.
        runs: its runs, as far as they are known; filled up here.
    """
    texts = Texts(doc, object_id(object_ids(doc_id)["body"]))
    found, kept = runs.cut(history, settlements, touches), runs.footprints
    touching: dict[str, dict[bytes, Run]] = {}
    for i, j in history.concurrent_pairs([run.last.hash for run in found]):
        one, other = found[i], found[j]
        for run in (one, other):
            key = (run.first.hash, run.last.hash)
            if key not in kept:
                kept[key] = footprint(texts.at(run.first.deps), texts.at((run.last.hash,)))
        for paragraph in shared_paragraphs(
            kept[one.first.hash, one.last.hash], kept[other.first.hash, other.last.hash]
        ):
            closing = settlements.standing(name_of(doc_id, "passage", paragraph))
            if not any(_saw_both(history, r.change, one, other) for r in closing):
                held = touching.setdefault(paragraph, {})
                held[one.last.hash] = one
                held[other.last.hash] = other
    for paragraph in sorted(touching):
        ordered = _sides_of(touching[paragraph], history)
        yield _conflict(doc_id, history, settlements, texts, paragraph, ordered, runs)


def passage_edit(
    doc: Doc,
    doc_id: DocId,
    history: History,
    conflict: Conflict,
    at: Sequence[bytes],
    value: str,
) -> tuple[Splice, ...]:
    """Say how to make a passage read `value` in some version of the text.

    A paragraph that is gone there comes back on a line of its own, in the place where it was.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        conflict: what is settled, with the sides that the person saw.
        at: the version.
        value: what the passage shall be.
    """
    texts = Texts(doc, object_id(object_ids(doc_id)["body"]))
    version = texts.at(at)
    found = _found(texts, history, conflict)
    if found is None:  # not in what we know of its sides: at the end it harms nothing
        start, line_break = len(version.elements), "\n" if version.elements and value else ""
        return (Splice(start, 0, line_break + value),) if value else ()
    region, base, sides = found
    start, end = region.span(version)
    old = version.text(start, end)
    taken = [v for v in sides if value in (region.text(v), "")]
    new = value
    if value and (not old or taken):
        stood = taken or [base]
        new = region.line_breaks(version, stood, value)
    return tuple(Splice(start + s.index, s.removed, s.inserted) for s in splices(old, new))


def passage_text(doc: Doc, doc_id: DocId, history: History, conflict: Conflict) -> str:
    """Give what a passage says now, merged: where an answer to it begins.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        conflict: an open one of this document.
    """
    texts = Texts(doc, object_id(object_ids(doc_id)["body"]))
    found = _found(texts, history, conflict)
    return "" if found is None else found[0].text(texts.now())


def _found(
    texts: Texts, history: History, conflict: Conflict
) -> tuple[Region, Version, list[Version]] | None:
    """Find a passage, what its sides started from, and as each left the text."""
    lasts = [w.hash for s in conflict.sides if (w := history.writer_of(parse_op(s.op)))]
    base = texts.at(history.common_heads(lasts))
    names = {name_of(conflict.doc, "passage", p): p for p in paragraph_names(base)}
    if conflict.id not in names:
        return None
    sides = [texts.at((last,)) for last in lasts]
    return Region(names[conflict.id], base, sides), base, sides


def _sides_of(touching: dict[bytes, Run], history: History) -> list[Run]:
    """The last runs that touch a paragraph, in the order of their operations."""
    kept = [touching[h] for h in history.maximal(tuple(touching))]
    return sorted(kept, key=lambda run: run.last.op)


def _conflict(
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    texts: Texts,
    paragraph: str,
    ordered: Iterable[Run],
    runs: Runs,
) -> Conflict:
    lasts = [run.last for run in ordered]
    told = _told(history, texts, paragraph, [last.hash for last in lasts], runs)
    shown = told.place.text_if_whole(texts.now())
    if shown is None:  # a break of it is gone: the versions say where it was
        shown = _region(history, texts, paragraph, [last.hash for last in lasts])[0].text(
            texts.now()
        )
    sides: list[Side] = []
    for last, text in zip(lasts, told.sides, strict=True):
        by = settlements.author_of(last.hash, last.stamp)
        op = op_text(last.op)
        sides.append(Side(text, by.person, by.device, by.at_ms or None, text == shown, op))
    name = name_of(doc_id, "passage", paragraph)
    return Conflict(name, doc_id, "passage", "body", told.before, tuple(sides), None, None)


def _told(
    history: History, texts: Texts, paragraph: str, lasts: Sequence[bytes], runs: Runs
) -> Told:
    """What the sides made of a paragraph: it stays as it is, so it is worked out once."""
    key = paragraph, tuple(lasts)
    told = runs.told.get(key)
    if told is None:
        region, base, versions = _region(history, texts, paragraph, lasts)
        is_one = len(history.common_heads(lasts)) == 1
        before = region.text(base) if is_one else None
        sides = tuple(region.text(version) for version in versions)
        told = runs.told[key] = Told(region.place, before, sides)
    return told


def _region(
    history: History, texts: Texts, paragraph: str, lasts: Sequence[bytes]
) -> tuple[Region, Version, list[Version]]:
    """A paragraph across the version that its sides started from and those that they left."""
    base = texts.at(history.common_heads(lasts))
    versions = [texts.at((last,)) for last in lasts]
    return Region(paragraph, base, versions), base, versions


def _saw_both(history: History, settlement: bytes, one: Run, other: Run) -> bool:
    return history.precedes(one.last.hash, settlement) and history.precedes(
        other.last.hash, settlement
    )
