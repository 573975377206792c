"""Which changes a document takes: the same ones everywhere, and no good one for a bad one."""

from collections.abc import Sequence
from random import Random

import pytest
from automerge.core import Document
from hypothesis import assume, given
from hypothesis import strategies as st

from store.documents.inspect import InspectedChange, inspect_change
from store.documents.judge import LACKS_DEPS, BaseUnreadable, Judge
from store.documents.schema import genesis_change
from store.documents.verdicts import FOLLOWS_REFUSED, NOT_LOADABLE
from store.domain.ids import DocId
from tests.documents.changes import (
    MALLORY,
    NOTE,
    TASK,
    body_of,
    deflate_bomb,
    edited_at_random,
    forged,
    opened,
    puts_of_one_key,
    raw_of,
    reframed,
    said_after,
    scalar,
    titled,
    typed,
    unloadable,
)
from tests.documents.mutations import honest_changes, tampered


def chain(length: int, doc: DocId = NOTE) -> list[bytes]:
    """Make changes of one author, each following the one before."""
    document = opened(doc)
    raws = []
    for number in range(length):
        with document.transaction() as transaction:
            transaction.put(b"\x00", "n", *scalar(number))
        raws.append(raw_of(document))
    return raws


def reasons(new: Sequence[bytes], base: Sequence[bytes] = ()) -> list[str | None]:
    """Judge with a judge that knows nothing yet."""
    findings = Judge().judge(NOTE, new, base)
    assert findings is not None
    return [finding.reason for finding in findings]


def raws_of(changes: Sequence[InspectedChange]) -> list[bytes]:
    return [change.raw for change in changes]


@given(st.integers(0, 2**32))
def test_honest_changes_pass_in_any_order(seed: int) -> None:
    choose = Random(seed)
    raws = raws_of(honest_changes(choose))
    choose.shuffle(raws)
    assert set(reasons(raws)) <= {None}


@given(st.integers(0, 2**32))
def test_a_verdict_depends_on_a_change_and_its_ancestors_alone(seed: int) -> None:
    """Whatever else the document holds, and whichever arrived first, all replicas agree."""
    choose = Random(seed)
    case = tampered(choose, honest_changes(choose))
    assume(case is not None)
    assert case is not None
    ancestors, others = raws_of(case.ancestors), raws_of(case.others)
    (alone,) = reasons([case.change.raw], ancestors)
    (in_company,) = reasons([case.change.raw], [*ancestors, *others])
    assert (alone is None) == (in_company is None)
    if alone is None:
        late = [*ancestors, *others, case.change.raw]
        early = [*ancestors, case.change.raw, *others]
        assert said_after(NOTE, late) == said_after(NOTE, early)
        assert set(reasons(others, early[: len(ancestors) + 1])) <= {None}


def test_one_bad_change_does_not_take_the_good_ones_beside_it_along() -> None:
    good = chain(20)
    assert (
        reasons([*good[:7], unloadable(), *good[7:]]) == [None] * 7 + [NOT_LOADABLE] + [None] * 13
    )


def test_several_bad_changes_are_all_found() -> None:
    bad = [unloadable()]
    bad.append(reframed(body_of(bad[0]).replace(MALLORY, b"another 16 bytes")))
    assert reasons([bad[0], titled("rope"), bad[1]]) == [NOT_LOADABLE, None, NOT_LOADABLE]


def test_what_builds_on_a_refused_change_is_refused_and_says_so() -> None:
    bad = unloadable()
    follower = unloadable(after=bad)
    assert reasons([follower, bad]) == [FOLLOWS_REFUSED, NOT_LOADABLE]


def test_what_contradicts_its_ancestors_is_refused_with_its_reason() -> None:
    gap = forged(puts_of_one_key(1), seq=5)
    follower = forged(puts_of_one_key(1), deps=[inspect_change(gap).hash], seq=6, start_op=99)
    assert reasons([gap, follower]) == [
        "It does not follow its author's change before it.",
        FOLLOWS_REFUSED,
    ]


def test_an_unsound_envelope_is_refused_without_a_name() -> None:
    findings = Judge().judge(NOTE, [deflate_bomb(64 << 20), b"junk", titled("rope")], [])
    assert findings is not None
    assert [finding.hash for finding in findings[:2]] == [b"", b""]
    assert all(finding.reason for finding in findings[:2])
    assert findings[2] == (inspect_change(titled("rope")).hash, None)


def test_a_change_that_was_taken_before_passes_again() -> None:
    raws = chain(3)
    assert reasons(raws, raws) == [None] * 3


# -- what it follows --------------------------------------------------------------------------


def test_a_new_document_needs_nothing_else() -> None:
    findings = Judge().judge(NOTE, chain(3))
    assert findings is not None
    assert [finding.reason for finding in findings] == [None] * 3


def test_a_change_to_a_document_that_is_not_open_needs_what_was_taken_before() -> None:
    raws = chain(3)
    assert Judge().judge(NOTE, raws[2:]) is None
    assert reasons(raws[2:], raws[:2]) == [None]


def test_a_document_is_kept_open_for_the_next_change() -> None:
    raws = chain(4)
    judge = Judge()
    judge.judge(NOTE, raws[2:3], raws[:2])
    findings = judge.judge(NOTE, raws[3:])
    assert findings is not None
    assert findings[0].reason is None


def test_documents_are_closed_again_when_they_take_too_much_memory() -> None:
    raws = {doc: chain(3, doc) for doc in (NOTE, TASK)}
    judge = Judge(
        kept_bytes_max=len(Document.load(genesis_change(TASK) + raws[TASK][0]).save()) * 2
    )
    for doc in (NOTE, TASK):
        judge.judge(doc, raws[doc][1:2], raws[doc][:1])
    assert judge.judge(NOTE, raws[NOTE][2:]) is None
    assert judge.judge(TASK, raws[TASK][2:]) is not None


def test_after_a_bad_change_an_open_document_is_judged_afresh() -> None:
    raws = chain(4)
    judge = Judge()
    judge.judge(NOTE, raws[1:2], raws[:1])
    new = [unloadable(), raws[2]]
    assert judge.judge(NOTE, new) is None
    findings = judge.judge(NOTE, new, raws[:2])
    assert findings is not None
    assert [finding.reason for finding in findings] == [NOT_LOADABLE, None]


def test_a_change_whose_deps_are_nowhere_is_refused_for_that() -> None:
    raws = chain(3)
    assert reasons(raws[2:], raws[:1]) == [LACKS_DEPS]


def test_a_base_that_does_not_load_is_nobodys_fault_but_the_stores() -> None:
    raws = chain(3)
    for base in ([raws[1]], [b"junk"], [unloadable()]):
        with pytest.raises(BaseUnreadable, match=NOTE):
            Judge().judge(NOTE, raws[2:], base)


# -- what is large ----------------------------------------------------------------------------


def test_a_long_text_passes() -> None:
    assert reasons([typed("Höhe 😀 " * 1_000)]) == [None]


def test_bad_changes_are_found_by_halving_not_one_by_one() -> None:
    """300 changes, one of them bad: about twenty loads instead of three hundred."""
    good = chain(300)
    assert reasons([*good, unloadable()]) == [None] * 300 + [NOT_LOADABLE]


def test_histories_made_at_random_are_judged_as_a_whole() -> None:
    document = edited_at_random(Random(7), edits=60)
    raws = [bytes(change.bytes) for change in document.get_changes([])][1:]
    assert set(reasons(raws)) == {None}
