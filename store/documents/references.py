"""What the operations of a change write to, and whether that is there and of the right kind.

Automerge does not check this. A character inserted behind one that is not among the change's
ancestors, or behind something that is no character, lands in different places on different devices,
depending on what arrived first, while their heads say that they agree. A key put into a text makes
a document that no longer loads. (Both seen, with sound checksums.) So a change may write only

    to a key         of a map: the root, or an object that was made as one
    at an element    of the same list or text, which was inserted there before

and may refer only to what its author had seen. That a value is replaced where it stands is left to
Automerge, whose load fails otherwise.
"""

from dataclasses import dataclass, field
from typing import Final

from store.documents.change_ops import NOTHING, ChangeOps, OpName
from store.documents.columns import MAKE_LIST, MAKE_MAP, MAKE_TABLE, MAKE_TEXT
from store.documents.operations import OpId

_OWN: Final = 0  # index of the change's own actor
MAPS: Final = frozenset({MAKE_MAP, MAKE_TABLE})
SEQUENCES: Final = frozenset({MAKE_LIST, MAKE_TEXT})
_BEGINNING: Final[OpName] = (None, 0)

UNSEEN: Final = "It refers to something that its author can not have seen."
WRONG_KIND: Final = "It writes to something of another kind than it says."


class Unfit(ValueError):
    """A change that can't be part of its document; str(error) is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a change needs of those before it.

    Attributes:
        maps: objects that must be maps.
        sequences: objects that must be lists or texts.
        elements: (object, element) that must have been inserted there.
        replaced: operations that must be there.
    """

    maps: set[OpId] = field(default_factory=set)
    sequences: set[OpId] = field(default_factory=set)
    elements: set[tuple[OpId, OpId]] = field(default_factory=set)
    replaced: set[OpId] = field(default_factory=set)


def needs_of(ops: ChangeOps) -> Needs:
    """Check what a change refers to within itself, and list what it needs of others.

    Raises:
        Unfit: it refers to a later operation of itself, or to one of another kind.
        Malformed: it refers to something that has no name.
    """
    needs = Needs()
    objects: set[tuple[OpName, bool]] = set()
    rows = zip(ops.objects, ops.keys, ops.elements, ops.inserts, strict=False)
    for row, (obj, key, element, insert) in enumerate(rows):
        is_map = key is not None
        if not is_map:
            _check_element(ops, needs, row, element)
        elif insert or element != NOTHING:
            raise Unfit(WRONG_KIND)
        if (obj, is_map) not in objects:  # what an earlier row may use, a later one may too
            objects.add((obj, is_map))
            _check_object(ops, needs, row, is_map=is_map)
    for row, name in ops.replaced:
        if _own_row(ops, row, name) is None:
            needs.replaced.add(ops.op_id(name))
    return needs


def _check_object(ops: ChangeOps, needs: Needs, row: int, *, is_map: bool) -> None:
    name = ops.objects[row]
    if name == NOTHING:
        if not is_map:
            raise Unfit(WRONG_KIND)
        return
    own = _own_row(ops, row, name)
    if own is None:
        (needs.maps if is_map else needs.sequences).add(ops.op_id(name))
    elif ops.actions[own] not in (MAPS if is_map else SEQUENCES):
        raise Unfit(WRONG_KIND)


def _check_element(ops: ChangeOps, needs: Needs, row: int, name: OpName) -> None:
    if name == _BEGINNING:
        if not ops.inserts[row]:
            raise Unfit(WRONG_KIND)
        return
    own = _own_row(ops, row, name)
    if own is None:
        needs.elements.add((ops.op_id(ops.objects[row]), ops.op_id(name)))
    elif not ops.inserts[own] or ops.objects[own] != ops.objects[row]:
        raise Unfit(WRONG_KIND)


def _own_row(ops: ChangeOps, row: int, name: OpName) -> int | None:
    """Find the row of this change that is referred to; None if it is another change's."""
    actor, counter = name
    if actor != _OWN or counter is None or counter < ops.start_op:
        return None
    own = counter - ops.start_op
    if own >= row:
        raise Unfit(UNSEEN)
    return own
