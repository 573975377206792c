"""Lifecycle: events add up in the order of their writes; a conflict where they aim apart (D4)."""

import pytest

from store.documents.conflicts.naming import parse_op
from tests.documents.conflicts.apart import (
    do_apart,
    event,
    fields,
    task_of_all,
    the_conflict,
    told_to_all,
)
from tests.support.people import Camp


@pytest.mark.parametrize(
    ("alices", "bobs", "aims"),
    [
        (["done"], ["cancel"], {"done", "cancelled"}),
        (["start"], ["done"], {"started", "done"}),
        (["start"], ["block"], {"started", "blocked"}),
        (["start", "done"], ["block"], {"done", "blocked"}),
        (["done", "reopen"], ["cancel"], {"open", "cancelled"}),
        (["done"], ["done"], set()),
        (["cancel"], ["cancel"], set()),
        (["start", "done"], ["done"], set()),
        (["block", "start"], ["start"], set()),
        (["done"], [], set()),
    ],
)
def test_last_events_that_aim_apart_are_a_conflict_and_alike_are_none(
    camp: Camp, alices: list[str], bobs: list[str], aims: set[str]
) -> None:
    doc = task_of_all(camp)

    do_apart(camp, doc, alice=event(*alices), bob=event(*bobs))

    rows = told_to_all(camp)
    assert {side.value for row in rows for side in row.sides} == aims
    assert [(row.kind, row.base) for row in rows] == [("lifecycle", "open")] * bool(aims)


def test_events_apply_in_the_order_of_their_op_ids_whatever_the_clock_says(camp: Camp) -> None:
    doc = task_of_all(camp)
    for title in ("Rope 1", "Rope 2", "Rope 3"):  # so that her op id is the higher one
        fields(title=title)(camp["alice"], doc)
    do_apart(camp, doc, alice=event("cancel"), bob=event("done"))  # his clock is the later one

    for name in camp.people:
        row = camp[name].task(doc)
        assert row.state == "done"
        assert [(e.type, e.author, e.applied) for e in row.events] == [
            ("done", "Bob", True),
            ("cancel", "Alice", False),
        ]


def test_an_event_that_is_not_allowed_at_its_place_stays_with_the_reason(camp: Camp) -> None:
    doc = task_of_all(camp)
    for title in ("Rope 1", "Rope 2", "Rope 3"):
        fields(title=title)(camp["alice"], doc)
    do_apart(camp, doc, alice=event("start"), bob=event("done"))

    done, start = camp["carol"].task(doc).events

    assert (done.applied, done.why) == (True, None)
    assert (start.applied, start.why) == (False, "The task is done: reopen it first.")


def test_the_sides_stand_by_op_id_and_the_state_of_the_fold_is_shown(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=event("done"), bob=event("cancel"), carol=event("block"))

    row = the_conflict(camp, "lifecycle")

    ops = [parse_op(side.op) for side in row.sides]
    assert ops == sorted(ops)
    state = camp["alice"].task(doc).state
    assert [side.value for side in row.sides if side.shown] == [state]
    assert {(s.value, s.author) for s in row.sides} == {
        ("done", "Alice"),
        ("cancelled", "Bob"),
        ("blocked", "Carol"),
    }


@pytest.mark.parametrize("who", ["alice", "bob", "carol"])
def test_an_event_that_has_seen_both_settles_it(camp: Camp, who: str) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=event("done"), bob=event("cancel"))
    the_conflict(camp, "lifecycle")

    do_apart(camp, doc, **{who: event("reopen")})

    assert told_to_all(camp) == []
    assert {camp[name].task(doc).state for name in camp.people} == {"open"}


def test_an_event_that_has_seen_only_one_of_them_settles_nothing(camp: Camp) -> None:
    doc = task_of_all(camp)
    event("done")(camp["alice"], doc)
    event("cancel")(camp["bob"], doc)
    camp.give("alice", "carol")

    do_apart(camp, doc, carol=event("reopen"))

    row = the_conflict(camp, "lifecycle")
    assert {(s.value, s.author) for s in row.sides} == {("open", "Carol"), ("cancelled", "Bob")}


def test_what_both_had_seen_is_the_state_they_started_from(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, carol=event("start"))

    do_apart(camp, doc, alice=event("done"), bob=event("block"))

    assert the_conflict(camp, "lifecycle").base == "started"
