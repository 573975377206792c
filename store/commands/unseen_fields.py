"""Fields in which somebody else wrote what their writer did not see.

Who types into a field goes on from the value that stands there. Where that is not all that stands
there any more, what they write goes on from it alone, so that what others wrote since, or beside
it, stays in conflict with it: as if the two had been apart (DECISIONS D11 says the same of texts).
"""

from collections.abc import Callable, Iterable
from typing import Any

from store.commands.inverse import Inverse
from store.commands.steps import Step, carry_out
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Scalar
from store.documents.inspect import InspectedChange
from store.documents.open_doc import OpenDoc
from store.documents.state import DocState
from store.documents.touched import ROOT_NAME
from store.domain.ids import DocId

Base = tuple[bytes, ...]


def base_of(act: UnitOfWork, state: DocState, key: str, was: Callable[[Any], bool]) -> Base:
    """Find the version to write a field on, for who saw a value there.

    Args:
        act: the act.
        state: of the document, now.
        key: the field.
        was: tells of a value (None: there is none) whether it is the one that they saw.

    Returns:
        The changes that left it so; none where the present will do: the value is all that stands
        there, or it never stood there (its change was taken back).
    """
    doc = act.open(state.doc)
    live = doc.field_writers(key)
    if all(map(was, live.values())):
        return ()
    sides = tuple(change for change, value in live.items() if was(value))
    return sides or _last_left_so(doc, key, was)


def write_beside(
    act: UnitOfWork, state: DocState, key: str, value: Scalar, base: Base
) -> list[Inverse]:
    """Write a field on an older version, or on a side of a conflict; what else stands there stays.

    Not what the writer found there and left.
    """
    doc = act.open(state.doc)
    was = _left_by(doc, key, base)
    if value == was or set(doc.field_writers(key).values()) == {value}:
        return []
    return put_on_side(act, state.doc, key, base, was, value)


def put_on_side(
    act: UnitOfWork, doc_id: DocId, key: str, side: Base, was: Scalar, value: Scalar
) -> list[Inverse]:
    """Write a scalar in place of what some changes left; what is beside them stays.

    Args:
        act: the act.
        doc_id: the document.
        key: the field.
        side: those changes.
        was: what they left.
        value: what is to stand there.
    """

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [Inverse.of_field(doc_id, key, change.hash, was, side[0].hex())]

    step = Step(lambda writer: writer.put(ROOT_OBJECT, key, value), inverses)
    return carry_out(act, doc_id, [step], at=side)


def began_with(doc: OpenDoc, key: str, live: Iterable[bytes]) -> list[Scalar]:
    """What stood in a field before any of some concurrent writes: one value, where it was one."""
    return [_left_by(doc, key, (head,)) for head in doc.history.common_heads(tuple(live))]


def _last_left_so(doc: OpenDoc, key: str, was: Callable[[Any], bool]) -> Base:
    position = doc.history.position
    writers = sorted(doc.touches.writers((ROOT_NAME, key)), key=position.__getitem__)
    for change in reversed(writers):
        if was(_left_by(doc, key, (change,))):
            return (change,)
    if was(None) and writers:  # before anybody wrote there
        return doc.history.changes[position[writers[0]]].deps
    return ()


def _left_by(doc: OpenDoc, key: str, version: Base) -> Scalar:
    found = doc.doc.get(ROOT_OBJECT, key, version)
    return found[0] if found is not None else None
