"""Fields: distinct values that were written apart are a conflict, all of them kept (D3, D7)."""

from typing import Any

import pytest
from automerge.core import Document

from store.commands.patches import NewTask, Patch
from store.documents.conflicts.naming import parse_op
from store.domain.ids import DocId
from tests.documents.conflicts.apart import (
    do_apart,
    fields,
    id_of,
    settled,
    task_of_all,
    the_conflict,
    told_to_all,
)
from tests.documents.walk import flagged_conflicts
from tests.support.people import Camp

BEFORE = "2026-12-01"


def flagged(camp: Camp, doc: DocId, name: str = "carol") -> set[str]:
    """The fields that Automerge itself marks on somebody's device."""
    return flagged_conflicts(Document.load(camp[name].export_document(doc)))


@pytest.mark.parametrize(
    ("field", "alices", "bobs", "base"),
    [
        ("title", "Long rope", "Short rope", "Rope"),
        ("due", "2026-12-02", "2026-12-03", BEFORE),
        ("due", None, "2026-12-03", BEFORE),
        ("due", "2026-12-02", None, BEFORE),
        ("priority", "high", "low", None),
        ("list", "Camp", "Home", None),
        ("assignee", "Alice", "Bob", None),
    ],
)
def test_distinct_values_are_a_conflict_with_what_stood_before(
    camp: Camp, field: str, alices: Any, bobs: Any, base: Any
) -> None:
    doc = task_of_all(camp, due=BEFORE)

    do_apart(camp, doc, alice=fields(**{field: alices}), bob=fields(**{field: bobs}))

    row = the_conflict(camp, "field")
    assert (row.doc_id, row.field, row.base, row.settled) == (doc, field, base, None)
    told = {(side.author, side.device, side.value) for side in row.sides}
    assert told == {("Alice", "alices laptop", alices), ("Bob", "bobs laptop", bobs)}
    assert flagged(camp, doc) == {field}


@pytest.mark.parametrize("value", ["2026-12-02", None])
def test_equal_values_are_none_though_automerge_keeps_both(camp: Camp, value: str | None) -> None:
    doc = task_of_all(camp, due=BEFORE)

    do_apart(camp, doc, alice=fields(due=value), bob=fields(due=value))

    assert told_to_all(camp) == []
    assert flagged(camp, doc) == {"due"}
    assert camp["carol"].task(doc).due == value


def test_different_fields_merge(camp: Camp) -> None:
    doc = task_of_all(camp, due=BEFORE)

    do_apart(camp, doc, alice=fields(due=None), bob=fields(priority="high"))

    assert told_to_all(camp) == []
    assert flagged(camp, doc) == set()
    row = camp["carol"].task(doc)
    assert (row.due, row.priority) == (None, "high")


def test_a_write_that_has_seen_the_other_replaces_it(camp: Camp) -> None:
    doc = task_of_all(camp, due=BEFORE)
    fields(due="2026-12-02")(camp["alice"], doc)
    camp.give("alice", "bob")

    do_apart(camp, doc, bob=fields(due="2026-12-03"))

    assert told_to_all(camp) == []
    assert camp["alice"].task(doc).due == "2026-12-03"


def test_only_the_last_of_ones_own_writes_is_a_side(camp: Camp) -> None:
    doc = task_of_all(camp)
    fields(priority="medium")(camp["alice"], doc)
    do_apart(camp, doc, alice=fields(priority="high"), bob=fields(priority="low"))

    assert {side.value for side in the_conflict(camp, "field").sides} == {"high", "low"}


def test_three_sides_are_all_kept_and_two_equal_ones_are_one(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(
        camp,
        doc,
        alice=fields(priority="high", list="Camp"),
        bob=fields(priority="low", list="Home"),
        carol=fields(priority="medium", list="Home"),
    )

    by_field = {row.field: row for row in told_to_all(camp)}

    assert {s.value for s in by_field["priority"].sides} == {"high", "low", "medium"}
    assert sorted(str(s.value) for s in by_field["list"].sides) == ["Camp", "Home"]
    assert flagged(camp, doc) == {"priority", "list"}


@pytest.mark.parametrize(("first", "then"), [("alice", "bob"), ("bob", "alice")])
def test_sides_stand_by_op_id_and_the_highest_is_shown_whoever_wrote_last(
    camp: Camp, first: str, then: str
) -> None:
    doc = task_of_all(camp)
    # the one who writes earlier by the clock has more operations behind the write
    for title in ("Rope 1", "Rope 2", "Rope 3"):
        fields(title=title)(camp[first], doc)
    do_apart(camp, doc, **{first: fields(due="2026-12-02"), then: fields(due="2026-12-03")})

    row = the_conflict(camp, "field")

    ops = [parse_op(side.op) for side in row.sides]
    assert ops == sorted(ops)
    assert [(s.value, s.shown) for s in row.sides] == [("2026-12-03", False), ("2026-12-02", True)]
    assert {camp[name].task(doc).due for name in camp.people} == {"2026-12-02"}


def test_a_tag_that_both_put_on_is_on(camp: Camp) -> None:
    doc = task_of_all(camp)
    put_on = Patch(add_tags=("wet",))
    do_apart(camp, doc, alice=lambda r, d: r.edit(d, put_on), bob=lambda r, d: r.edit(d, put_on))

    assert told_to_all(camp) == []
    assert camp["carol"].task(doc).tags == ("wet",)


def test_a_tag_off_here_and_off_and_on_again_there_is_a_conflict(camp: Camp) -> None:
    doc = camp["alice"].add_task(NewTask("Rope", tags=("wet",)), space=camp.space)
    camp.meet()

    camp["alice"].edit(doc, Patch(remove_tags=("wet",)))
    camp["bob"].edit(doc, Patch(remove_tags=("wet",)))
    camp["bob"].edit(doc, Patch(add_tags=("wet",)))
    camp.meet()

    row = the_conflict(camp, "field")
    assert (row.field, {side.value for side in row.sides}) == ("tags/wet", {True, None})


def test_a_side_that_arrives_after_settling_stays_a_conflict(camp: Camp) -> None:
    doc = task_of_all(camp)
    for name, priority in (("alice", "high"), ("bob", "low"), ("carol", "medium")):
        fields(priority=priority)(camp[name], doc)
    camp.meet("alice", "bob")
    (seen,) = camp.conflicts("bob")
    camp["bob"].resolve(id_of(seen), value="high")
    assert camp.conflicts("bob") == []

    camp.meet()

    row = the_conflict(camp, "field")
    assert row.id == seen.id
    assert {(s.value, s.author) for s in row.sides} == {("high", "Bob"), ("medium", "Carol")}


def test_settling_closes_the_sides_that_were_shown_not_one_that_came_since(camp: Camp) -> None:
    doc = task_of_all(camp)
    for name, priority in (("alice", "high"), ("bob", "low"), ("carol", "medium")):
        fields(priority=priority)(camp[name], doc)
    camp.meet("alice", "bob")
    (shown,) = camp["bob"].conflicts()  # he looks
    camp.give("carol", "bob")

    high = next(n for n, side in enumerate(shown.sides) if side.value == "high")
    camp["bob"].resolve(id_of(shown), take=high)
    camp.meet()

    row = the_conflict(camp, "field")
    assert {(s.value, s.author) for s in row.sides} == {("high", "Bob"), ("medium", "Carol")}
    assert settled(camp, "carol") == []
