"""What the graph of a document's changes says of its ends, in whatever order they came in."""

from itertools import permutations

from store.documents.history import ChangeInfo, History
from store.documents.inspect import inspect_change
from store.documents.schema import genesis_change, genesis_hash
from tests.support.pushes import Made, change, some_doc


def info(raw: bytes) -> ChangeInfo:
    return ChangeInfo.of(inspect_change(raw))


def in_causal_order(changes: tuple[Made, ...], known: set[bytes]) -> bool:
    known = set(known)
    for one in changes:
        if not known.issuperset(inspect_change(one.raw).deps):
            return False
        known.add(one.hash)
    return True


def test_the_first_and_the_last_change_are_by_op_id_whoever_came_in_first() -> None:
    doc = some_doc()
    one = change(doc, key="title", actor=b"b" * 16)
    two = change(doc, key="list", actor=b"a" * 16)  # beside it, by a lower actor
    three = change(after=one, key="due", actor=b"c" * 16)
    beside = change(after=two, key="priority", actor=b"d" * 16)
    genesis = genesis_change(doc)
    orders = [
        each
        for each in permutations((one, two, three, beside))
        if in_causal_order(each, {genesis_hash(doc)})
    ]

    for order in orders:
        history = History([info(genesis)])
        assert (history.first, history.last) == (None, None)
        for made in order:
            history.add(info(made.raw))
            history.add(info(made.raw))  # once more, which changes nothing
        assert history.first is not None
        assert history.last is not None
        assert (history.first.hash, history.last.hash) == (two.hash, beside.hash)
    assert len(orders) > 3
