"""Text passages that two people changed without seeing each other (DECISIONS D5).

Merged text has no conflicts for Automerge, and characters of one sentence written by two people can
merge into nonsense. So every place where this can have happened is listed for review:

- a *paragraph* is the text between line breaks, named by the insertion of the break before it (the
  first one by the empty name);
- the *footprint* (`footprints`) of a run of changes is the set of paragraphs that existed when the
  run began and in which it deleted or inserted characters;
- two concurrent runs whose footprints share a paragraph make it a passage to review, until a
  settlement has seen both.

A *run* is a chain of changes by one person on one device with nothing branching off in between. All
of this is a function of the set of changes. Where a passage lies in some version is the business of
`regions`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from store.documents.binding import Doc, object_id
from store.documents.conflicts.footprints import Footprint, footprint, shared_paragraphs
from store.documents.conflicts.naming import name_of, op_text, parse_op
from store.documents.conflicts.regions import Region, Texts, Version, paragraph_names
from store.documents.history import ChangeInfo, History
from store.documents.schema import object_ids
from store.documents.settlements import Settlements
from store.documents.state import Conflict, Side
from store.documents.text_diff import Splice, splices
from store.documents.touched import Touches
from store.domain.ids import DocId

Footprints = dict[tuple[bytes, bytes], Footprint]
"""Footprints by (first change, last change) of a run: they never change, so they can be kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """A chain of changes by one person on one device."""

    first: ChangeInfo
    last: ChangeInfo


def runs(history: History, settlements: Settlements, touches: Touches) -> list[Run]:
    """Cut the history into runs and keep those that touch the text."""
    found: list[Run] = []
    for chain in history.chains():
        start = 0
        authors = [_author(change, settlements) for change in chain]
        for i in range(1, len(chain) + 1):
            if i < len(chain) and authors[i] == authors[start]:
                continue
            if any(touches.text(c) for c in chain[start:i]):
                found.append(Run(chain[start], chain[i - 1]))
            start = i
    return found


def passage_conflicts(
    doc: Doc,
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    touches: Touches,
    kept: Footprints,
) -> Iterator[Conflict]:
    """The paragraphs to review, with each side's text as its author left it.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        settlements: its records.
        touches: what its changes touch.
        kept: footprints that were worked out before; filled up here.
    """
    texts = Texts(doc, object_id(object_ids(doc_id)["body"]))
    found = runs(history, settlements, touches)
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
        yield _conflict(doc_id, history, settlements, texts, paragraph, ordered)


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
) -> Conflict:
    lasts = [run.last for run in ordered]
    heads = history.common_heads([last.hash for last in lasts])
    versions = [texts.at((last.hash,)) for last in lasts]
    base = texts.at(heads)
    region = Region(paragraph, base, versions)
    shown = region.text(texts.now())
    sides: list[Side] = []
    for last, version in zip(lasts, versions, strict=True):
        by = settlements.author_of(last.hash, last.stamp)
        text = region.text(version)
        op = op_text(last.op)
        sides.append(Side(text, by.person, by.device, by.at_ms or None, text == shown, op))
    before = region.text(base) if len(heads) == 1 else None
    name = name_of(doc_id, "passage", paragraph)
    return Conflict(name, doc_id, "passage", "body", before, tuple(sides), None, None)


def _saw_both(history: History, settlement: bytes, one: Run, other: Run) -> bool:
    return history.precedes(one.last.hash, settlement) and history.precedes(
        other.last.hash, settlement
    )


def _author(change: ChangeInfo, settlements: Settlements) -> tuple[str, str]:
    by = settlements.author_of(change.hash, change.stamp)
    return by.person, by.device
