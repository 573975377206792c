"""Fields in which somebody else wrote since their writer looked.

Such a field is written on the version that the writer saw, so that both values stand: a conflict,
as if the two had been apart (DECISIONS D11 says the same of texts).
"""

from collections.abc import Mapping, Sequence

from store.commands.inverse import Inverse
from store.commands.steps import Step, live_write
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Scalar, Writer
from store.documents.inspect import InspectedChange
from store.documents.open_doc import OpenDoc
from store.documents.state import DocState


def unseen_of(
    act: UnitOfWork, state: DocState, values: Mapping[str, Scalar], base: Sequence[bytes] | None
) -> dict[str, Scalar]:
    """Give those of some fields that hold a write now which a version had not seen.

    Args:
        act: the act.
        state: of the document, now.
        values: what is to be written.
        base: heads of the version. None is the present; where it is gone (what it had was taken
            back), what was written is meant for what is there, as with texts.
    """
    doc = act.open(state.doc)
    if base is None or not all(map(doc.doc.knows, base)):
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

    def is_new(key: str, value: Scalar) -> bool:
        found = doc.doc.get(ROOT_OBJECT, key, base)
        return value not in (found[0] if found is not None else None, state.fields.get(key))

    differing = {key: value for key, value in values.items() if is_new(key, value)}
    if not differing:
        return None
    before = {key: live_write(act, state.doc, ROOT_OBJECT, key) for key in differing}

    def write(writer: Writer) -> None:
        for key, value in differing.items():
            writer.put(ROOT_OBJECT, key, value)

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [
            Inverse.of_field(state.doc, key, change.hash, state.fields.get(key), before[key])
            for key in differing
        ]

    return Step(write, inverses)


def _has_seen(doc: OpenDoc, heads: Sequence[bytes], change: bytes) -> bool:
    return any(change == head or doc.history.precedes(change, head) for head in heads)
