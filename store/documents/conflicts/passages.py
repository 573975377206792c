"""Text passages that two people changed without seeing each other (DECISIONS D5).

Merged text has no conflicts for Automerge, and characters of one sentence written by two people can
merge into nonsense. So every place where this can have happened is listed for review:

- a *paragraph* is the text between line breaks, named by the insertion of the break before it (the
  first one by the empty name);
- the *footprint* of a run of changes is the set of paragraphs that existed when the run began and
  in which it deleted or inserted characters. Deleting a break touches the paragraphs on both its
  sides; whole new paragraphs touch none;
- two concurrent runs whose footprints share a paragraph make it a passage to review, until a
  settlement has seen both.

A *run* is a chain of changes by one person on one device with nothing branching off in between. All
of this is a function of the set of changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from store.documents.binding import Doc, object_id, op_id
from store.documents.conflicts.naming import name_of, op_text, parse_op
from store.documents.history import ChangeInfo, History
from store.documents.schema import object_ids
from store.documents.settlements import Settlements
from store.documents.state import Conflict, Side
from store.documents.touched import touches_text
from store.domain.ids import DocId

FIRST: Final = ""
"""Name of the paragraph that no break precedes."""

Elements = Sequence[tuple[str, bytes]]
Footprints = dict[tuple[bytes, bytes], frozenset[str]]
"""Paragraphs by (first change, last change) of a run: never changes, so it can be kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """A chain of changes by one person on one device."""

    first: ChangeInfo
    last: ChangeInfo


def runs(history: History, settlements: Settlements, doc_id: DocId) -> list[Run]:
    """Cut the history into runs and keep those that touch the text."""
    found: list[Run] = []
    for chain in history.chains():
        start = 0
        for i in range(1, len(chain) + 1):
            if i < len(chain) and _author(chain[i], settlements) == _author(
                chain[start], settlements
            ):
                continue
            if any(touches_text(c.raw, doc_id) for c in chain[start:i]):
                found.append(Run(chain[start], chain[i - 1]))
            start = i
    return found


def footprint(doc: Doc, body: bytes, run: Run) -> frozenset[str]:
    """The paragraphs that a run changed, of those that were there when it began."""
    before = doc.elements(body, run.first.deps)
    after = doc.elements(body, (run.last.hash,))
    remaining = {element for _, element in after}
    names = _names(before)
    touched: set[str] = set()
    for i, (character, element) in enumerate(before):
        if element not in remaining:
            touched.add(names[i])
            if character == "\n":
                touched.add(_name(element))
    touched.update(_insertions(before, after, names))
    return frozenset(touched)


def passage_conflicts(
    doc: Doc,
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    kept: Footprints,
) -> Iterator[Conflict]:
    """The paragraphs to review, with each side's text as its author left it.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        settlements: its records.
        kept: footprints that were worked out before; filled up here.
    """
    body = object_id(object_ids(doc_id)["body"])
    pairs = _pairs(runs(history, settlements, doc_id), history)
    touching: dict[str, dict[bytes, Run]] = {}
    for one, other in pairs:
        for run in (one, other):
            key = (run.first.hash, run.last.hash)
            if key not in kept:
                kept[key] = footprint(doc, body, run)
        shared = kept[one.first.hash, one.last.hash] & kept[other.first.hash, other.last.hash]
        for paragraph in shared:
            closing = settlements.standing(name_of(doc_id, "passage", paragraph))
            if not any(_saw_both(history, r.change, one, other) for r in closing):
                held = touching.setdefault(paragraph, {})
                held[one.last.hash] = one
                held[other.last.hash] = other
    for paragraph in sorted(touching):
        yield _conflict(doc, doc_id, history, settlements, paragraph, touching[paragraph])


def passage_span(elements: Elements, paragraph: str, breaks: Iterable[bytes]) -> tuple[int, int]:
    """Where a paragraph lies in some version: (start, end) in code points.

    Args:
        elements: the version's text.
        paragraph: its name.
        breaks: insertions of the line breaks that end it; others are inside of it.
    """
    ends = set(breaks)
    start = 0
    if paragraph != FIRST:
        for i, (character, element) in enumerate(elements):
            if character == "\n" and _name(element) == paragraph:
                start = i + 1
                break
        else:
            return len(elements), len(elements)
    for i in range(start, len(elements)):
        character, element = elements[i]
        if character == "\n" and element in ends:
            return start, i
    return start, len(elements)


def _conflict(
    doc: Doc,
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    paragraph: str,
    touching: dict[bytes, Run],
) -> Conflict:
    body = object_id(object_ids(doc_id)["body"])
    kept = [touching[h] for h in history.maximal(tuple(touching))]
    ordered = sorted(kept, key=lambda run: run.last.op)
    heads = history.common_heads([run.last.hash for run in ordered])
    base_elements = doc.elements(body, heads) if heads else []
    breaks = breaks_of(base_elements)
    shown = passage_text(doc.elements(body), paragraph, breaks)
    sides: list[Side] = []
    for run in ordered:
        by = settlements.author_of(run.last.hash, run.last.stamp)
        text = passage_text(doc.elements(body, (run.last.hash,)), paragraph, breaks)
        op = op_text(run.last.op)
        sides.append(Side(text, by.person, by.device, by.at_ms or None, text == shown, op))
    base = passage_text(base_elements, paragraph, breaks) if len(heads) == 1 else None
    name = name_of(doc_id, "passage", paragraph)
    return Conflict(name, doc_id, "passage", "body", base, tuple(sides), None, None)


def passage_text(elements: Elements, paragraph: str, breaks: Iterable[bytes]) -> str:
    """The text of a paragraph in some version; empty where it is gone."""
    start, end = passage_span(elements, paragraph, breaks)
    return "".join(character for character, _ in elements[start:end])


def breaks_of(elements: Elements) -> list[bytes]:
    """The insertions of all line breaks of a version."""
    return [element for character, element in elements if character == "\n"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage lies in a version's text; `is_there` is False once its paragraph is gone."""

    start: int
    text: str
    is_there: bool


def locate_passage(
    doc: Doc, doc_id: DocId, history: History, conflict: Conflict, at: Sequence[bytes]
) -> Place:
    """Find the passage that a conflict is about in some version of the text."""
    body = object_id(object_ids(doc_id)["body"])
    lasts = [w.hash for s in conflict.sides if (w := history.writer_of(parse_op(s.op)))]
    heads = history.common_heads(lasts) if lasts else ()
    base = doc.elements(body, heads) if heads else []
    elements = doc.elements(body, at)
    paragraph = _paragraph_named(conflict, [base, elements])
    start, end = passage_span(elements, paragraph, breaks_of(base))
    names = {FIRST, *(_name(e) for e in breaks_of(elements))}
    text = "".join(character for character, _ in elements[start:end])
    return Place(start, text, paragraph in names)


def _paragraph_named(conflict: Conflict, versions: Iterable[Elements]) -> str:
    """The paragraph whose name makes the conflict's id: it stood in the sides' common version."""
    for elements in versions:
        for paragraph in (FIRST, *(_name(e) for e in breaks_of(elements))):
            if name_of(conflict.doc, "passage", paragraph) == conflict.id:
                return paragraph
    return FIRST


def _pairs(found: list[Run], history: History) -> list[tuple[Run, Run]]:
    return [
        (one, other)
        for i, one in enumerate(found)
        for other in found[i + 1 :]
        if not history.precedes(one.last.hash, other.first.hash)
        and not history.precedes(other.last.hash, one.first.hash)
    ]


def _saw_both(history: History, settlement: bytes, one: Run, other: Run) -> bool:
    return history.precedes(one.last.hash, settlement) and history.precedes(
        other.last.hash, settlement
    )


def _author(change: ChangeInfo, settlements: Settlements) -> tuple[str, str]:
    by = settlements.author_of(change.hash, change.stamp)
    return by.person, by.device


def _name(element: bytes) -> str:
    return op_text(op_id(element))


def _names(elements: Elements) -> list[str]:
    """The paragraph of each element; a break belongs to the paragraph that it ends."""
    names: list[str] = []
    current = FIRST
    for character, element in elements:
        names.append(current)
        if character == "\n":
            current = _name(element)
    return names


def _insertions(before: Elements, after: Elements, names: list[str]) -> set[str]:
    """The paragraphs that insertions fall into, leaving out whole new paragraphs."""
    place = {element: i for i, (_, element) in enumerate(before)}
    touched: set[str] = set()
    left = -1  # index in `before` of the last surviving element
    i = 0
    while i < len(after):
        here = place.get(after[i][1])
        if here is not None:
            left = here
            i += 1
            continue
        start = i
        while i < len(after) and after[i][1] not in place:
            i += 1
        if not _is_whole_paragraphs(before, left, after[start][0], after[i - 1][0]):
            touched.add(_paragraph_after(before, names, left))
    return touched


def _paragraph_after(before: Elements, names: list[str], left: int) -> str:
    """The paragraph of a place just after an element (or at the very start)."""
    if left < 0:
        return FIRST
    character, element = before[left]
    return _name(element) if character == "\n" else names[left]


def _is_whole_paragraphs(before: Elements, left: int, first: str, last: str) -> bool:
    """Whether an insertion adds lines of its own and leaves the ones around it as they were."""
    starts_line = left < 0 or before[left][0] == "\n"
    ends_line = left + 1 >= len(before) or before[left + 1][0] == "\n"
    if ends_line and first == "\n" and left >= 0:
        return True
    return starts_line and last == "\n"
