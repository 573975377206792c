"""Fields in which somebody else wrote since their writer looked.

Such a field is written on the version that the writer saw, so that both values stand: a conflict,
as if the two had been apart (DECISIONS D11 says the same of texts).
"""

from collections.abc import Mapping, Sequence

from store.commands.inverse import Inverse
from store.commands.steps import Step, carry_out
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Scalar, Writer
from store.documents.inspect import InspectedChange
from store.documents.open_doc import OpenDoc
from store.documents.state import Conflict, DocState
from store.domain.ids import DocId


def unseen_of(
    act: UnitOfWork, state: DocState, values: Mapping[str, Scalar], base: Sequence[bytes] | None
) -> dict[str, Scalar]:
    """Give those of some fields that hold a write now which a version had not seen.

    Args:
        act: the act.
        state: of the document, now.
        values: what is to be written.
        base: changes that the writer saw, with all that they follow. None is the present; where one
            is gone (it was taken back), what was written is meant for what is there, as with texts.
    """
    doc = act.open(state.doc)
    if not base or not all(map(doc.doc.knows, base)):
        return {}
    return {
        key: value
        for key, value in values.items()
        if not all(_has_seen(doc, base, change) for change in doc.field_writers(key))
    }


def step_beside(
    act: UnitOfWork, state: DocState, values: Mapping[str, Scalar], base: Sequence[bytes]
) -> Step | None:
    """Write scalars on an older version, beside what others wrote there since.

    Not what the writer found there and left, nor what stands there now.
    """
    doc = act.open(state.doc)
    found = {key: doc.doc.get(ROOT_OBJECT, key, base) for key in values}
    before = {key: there[0] if there is not None else None for key, there in found.items()}
    differing = {
        key: value
        for key, value in values.items()
        if value not in (before[key], state.fields.get(key))
    }
    if not differing:
        return None

    def write(writer: Writer) -> None:
        for key, value in differing.items():
            writer.put(ROOT_OBJECT, key, value)

    def wrote(key: str) -> str:
        there = found[key]
        writer = doc.history.writer_of(there[1]) if there is not None else None
        return writer.hash.hex() if writer is not None else ""

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [
            Inverse.of_field(state.doc, key, change.hash, before[key], wrote(key))
            for key in differing
        ]

    return Step(write, inverses)


def put_on_side(
    act: UnitOfWork, doc_id: DocId, key: str, side: bytes, there: Scalar, value: Scalar
) -> list[Inverse]:
    """Write a scalar in place of one side of a conflict; the others stay.

    Args:
        act: the act.
        doc_id: the document.
        key: the field.
        side: the change that wrote this side.
        there: what it wrote.
        value: what is to stand there.
    """

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [Inverse.of_field(doc_id, key, change.hash, there, side.hex())]

    step = Step(lambda writer: writer.put(ROOT_OBJECT, key, value), inverses)
    return carry_out(act, doc_id, [step], at=(side,))


def field_conflict(state: DocState, key: str) -> Conflict | None:
    """The open conflict about a field, if there is one."""
    return next((c for c in state.conflicts if c.kind == "field" and c.field == key), None)


def _has_seen(doc: OpenDoc, heads: Sequence[bytes], change: bytes) -> bool:
    return any(change == head or doc.history.precedes(change, head) for head in heads)
