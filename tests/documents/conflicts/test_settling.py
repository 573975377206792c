"""Settling is for everyone, says by whom, and can be taken back with nothing lost (D7, D8)."""

from typing import Any

import pytest

from store.documents.settlements import Record, Settlements
from store.domain.errors import DomainError, InvalidValue, NotFound, Refused
from store.domain.ids import ConflictId, DocId
from store.domain.stamp import Stamp
from store.rows import ConflictRow
from tests.documents.conflicts.apart import (
    KINDS,
    do_apart,
    fields,
    id_of,
    in_conflict,
    settled,
    task_of_all,
    text,
    the_conflict,
    told_to_all,
)
from tests.support.people import Camp

OWN = {"field": "medium", "lifecycle": "blocked", "trash": "keep", "passage": "a stove"}

every_kind = pytest.mark.parametrize("kind", KINDS)


def said(camp: Camp, doc: DocId, kind: str) -> Any:
    """What all people are shown of what the conflict is about."""
    told = set()
    for person in camp.people.values():
        row = person.task(doc)
        trashed = "trash" if row.trashed else "keep"
        passage = (row.body or "").split("\n")[-1]
        told.add(
            {"field": row.priority, "lifecycle": row.state, "trash": trashed, "passage": passage}[
                kind
            ]
        )
    (only,) = told
    return only


def people_behind(row: ConflictRow) -> list[tuple[object, str, str, int | None]]:
    """The sides without the operations that stand for them."""
    return sorted((s.value, s.author, s.device, s.at_ms) for s in row.sides)


def settle(camp: Camp, name: str, kind: str, **how: Any) -> ConflictRow:
    """One settles the conflict and all hear of it; gives what it was."""
    row = the_conflict(camp, kind)
    camp[name].resolve(id_of(row), **how)
    camp.meet()
    return row


@every_kind
@pytest.mark.parametrize("take", [0, 1])
@pytest.mark.parametrize("who", ["bob", "carol"])
def test_what_one_settles_is_settled_for_all_who_see_by_whom(
    camp: Camp, kind: str, take: int, who: str
) -> None:
    doc = in_conflict(camp, kind)

    row = settle(camp, who, kind, take=take)

    assert told_to_all(camp) == []
    assert said(camp, doc, kind) == row.sides[take].value
    for name in camp.people:
        (told,) = settled(camp, name)
        assert told.settled is not None
        assert (told.settled.by, told.settled.device) == (who.capitalize(), f"{who}s laptop")
        assert told.settled.value == row.sides[take].value
        assert (told.id, told.kind, told.field, told.base) == (
            row.id,
            row.kind,
            row.field,
            row.base,
        )
        assert people_behind(told) == people_behind(row)
        assert camp[name].task(doc).conflicts == ()


@every_kind
def test_it_can_be_settled_to_something_else(camp: Camp, kind: str) -> None:
    doc = in_conflict(camp, kind)

    settle(camp, "carol", kind, value=OWN[kind])

    assert told_to_all(camp) == []
    assert said(camp, doc, kind) == OWN[kind]


@every_kind
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_taken_back_it_is_the_same_conflict_with_the_authors_and_times_of_both(
    camp: Camp, kind: str, who: str
) -> None:
    doc = in_conflict(camp, kind)
    before = said(camp, doc, kind)
    row = settle(camp, "bob", kind, take=0)

    camp[who].unresolve(id_of(row))
    camp.meet()

    again = the_conflict(camp, kind)
    assert (again.id, again.base, again.settled) == (row.id, row.base, None)
    assert people_behind(again) == people_behind(row)
    assert [settled(camp, name) for name in camp.people] == [[], [], []]
    if kind != "field":  # whose sides are new writes: which is shown is open
        assert said(camp, doc, kind) == before


@every_kind
def test_settled_taken_back_and_settled_again_it_keeps_its_name(camp: Camp, kind: str) -> None:
    doc = in_conflict(camp, kind)
    row = settle(camp, "bob", kind, take=0)
    camp["alice"].unresolve(id_of(row))
    camp.meet()

    again = settle(camp, "carol", kind, value=OWN[kind])

    assert again.id == row.id
    assert told_to_all(camp) == []
    assert said(camp, doc, kind) == OWN[kind]
    (told,) = settled(camp, "alice")
    assert told.settled is not None
    assert (told.id, told.settled.by) == (row.id, "Carol")


@every_kind
def test_undo_of_a_settlement_opens_it_for_all_and_redo_settles_it_again(
    camp: Camp, kind: str
) -> None:
    doc = in_conflict(camp, kind)
    row = settle(camp, "bob", kind, take=1)

    camp["bob"].undo()
    camp.meet()
    assert people_behind(the_conflict(camp, kind)) == people_behind(row)

    camp["bob"].redo()
    camp.meet()
    assert told_to_all(camp) == []
    assert said(camp, doc, kind) == row.sides[1].value


@pytest.mark.parametrize("kind", ["field", "lifecycle", "passage"])
def test_two_who_settle_apart_and_differently_are_in_conflict_themselves(
    camp: Camp, kind: str
) -> None:
    in_conflict(camp, kind)
    row = the_conflict(camp, kind)

    camp["alice"].resolve(id_of(row), take=0)
    camp["carol"].resolve(id_of(row), take=1)
    camp.meet()

    again = the_conflict(camp, kind)
    assert again.id == row.id
    assert {side.author for side in again.sides} == {"Alice", "Carol"}


@pytest.mark.parametrize("kind", ["field", "lifecycle", "trash"])
def test_two_who_settle_apart_alike_have_settled_it(camp: Camp, kind: str) -> None:
    doc = in_conflict(camp, kind)
    row = the_conflict(camp, kind)

    camp["alice"].resolve(id_of(row), take=0)
    camp["carol"].resolve(id_of(row), take=0)
    camp.meet()

    assert told_to_all(camp) == []
    assert said(camp, doc, kind) == row.sides[0].value


def test_two_who_settle_a_passage_apart_alike_read_it_again(camp: Camp) -> None:
    """What both put in would stand there twice, so that Cairn can't say that all is well."""
    in_conflict(camp, "passage")
    row = the_conflict(camp, "passage")

    camp["alice"].resolve(id_of(row), value="a new stove")
    camp["carol"].resolve(id_of(row), value="a new stove")
    camp.meet()

    again = the_conflict(camp, "passage")
    assert again.id == row.id
    assert {(s.value, s.author) for s in again.sides} == {
        ("a new stove", "Alice"),
        ("a new stove", "Carol"),
    }


REFUSED: dict[str, tuple[dict[str, Any], type[DomainError], str]] = {
    "no such side": (
        {"take": 2},
        InvalidValue,
        "There is no side 2; they are numbered from 0 to 1.",
    ),
    "a side before the first": (
        {"take": -1},
        InvalidValue,
        "There is no side -1; they are numbered from 0 to 1.",
    ),
    "nothing": ({}, InvalidValue, "Say either which side to take or what it shall be instead."),
    "both": (
        {"take": 0, "value": "low"},
        InvalidValue,
        "Say either which side to take or what it shall be instead.",
    ),
}


@every_kind
@pytest.mark.parametrize(("how", "error", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_settle_it_is_refused_and_changes_nothing(
    camp: Camp, kind: str, how: dict[str, Any], error: type[DomainError], sentence: str
) -> None:
    doc = in_conflict(camp, kind)
    row = the_conflict(camp, kind)
    versions = camp["bob"].history(doc)

    with pytest.raises(error) as refusal:
        camp["bob"].resolve(id_of(row), **how)

    assert str(refusal.value) == sentence
    assert camp.conflicts("bob") == [row]
    assert camp["bob"].history(doc) == versions


@pytest.mark.parametrize(
    ("kind", "value"),
    [("field", "enormous"), ("lifecycle", "finished"), ("trash", "burn")],
)
def test_a_value_that_it_cannot_hold_is_refused(camp: Camp, kind: str, value: str) -> None:
    in_conflict(camp, kind)
    row = the_conflict(camp, kind)

    with pytest.raises(InvalidValue):
        camp["bob"].resolve(id_of(row), value=value)

    assert camp.conflicts("bob") == [row]


@every_kind
def test_settled_it_is_not_settled_twice_nor_open_opened_again(camp: Camp, kind: str) -> None:
    in_conflict(camp, kind)
    row = the_conflict(camp, kind)
    with pytest.raises(Refused, match="open already"):
        camp["alice"].unresolve(id_of(row))

    settle(camp, "bob", kind, take=0)

    with pytest.raises(Refused, match="settled already"):
        camp["alice"].resolve(id_of(row), take=1)


def test_a_conflict_that_nobody_has_is_not_found(camp: Camp) -> None:
    task_of_all(camp)
    with pytest.raises(NotFound):
        camp["alice"].resolve(ConflictId("c" + "a" * 26), take=0)
    with pytest.raises(NotFound):
        camp["alice"].unresolve(ConflictId("c" + "a" * 26))


def test_a_field_that_was_written_since_is_not_opened_again(camp: Camp) -> None:
    doc = in_conflict(camp, "field")
    row = settle(camp, "bob", "field", take=0)
    do_apart(camp, doc, carol=fields(priority="medium"))

    sentence = "It was changed since it was settled; edit it instead of opening it again."
    with pytest.raises(Refused, match=sentence):
        camp["alice"].unresolve(id_of(row))
    with pytest.raises(Refused, match=sentence):
        camp["bob"].undo()

    assert told_to_all(camp) == []
    assert said(camp, doc, "field") == "medium"


def test_only_the_passage_that_was_settled_closes(camp: Camp) -> None:
    doc = task_of_all(camp, "rope\nstove")
    do_apart(camp, doc, alice=text("my rope\nmy stove"), bob=text("a rope\na stove"))
    rope, stove = sorted(told_to_all(camp), key=lambda row: str(row.base))

    camp["carol"].resolve(id_of(rope), value="the rope")
    camp.meet()

    left = the_conflict(camp, "passage")
    assert (left.id, left.base) == (stove.id, "stove")
    assert people_behind(left)[0][1:] in {s[1:] for s in people_behind(stove)}
    assert (camp["bob"].task(doc).body or "").split("\n")[0] == "the rope"


def test_what_was_reopened_apart_from_different_values_has_no_single_base() -> None:
    """The changes come in another order on each device (world 500483)."""
    one, other = b"\x01" * 32, b"\x02" * 32

    def reopened(base: str, write: bytes) -> Record:
        stamp = {"person": "Ann", "device": "Laptop", "at_ms": 1}
        said = {"of": "r", "base": base, "writes": {write.hex(): stamp}}
        return Record(base, "reopen", "c", said, write, (7, write), Stamp("Ann", "Laptop", 1))

    apart = Settlements((reopened("rope", one), reopened("long rope", other)))
    alike = Settlements((reopened("rope", one), reopened("rope", other)))

    assert apart.base_of([one, other]) == apart.base_of([other, one]) == (None,)
    assert alike.base_of([one, other]) == alike.base_of([other, one]) == ("rope",)
    assert apart.base_of([one, b"\x03" * 32]) is None
