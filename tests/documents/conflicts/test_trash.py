"""Edit against trash: what somebody still worked on stays in sight until people decide (D6)."""

import pytest

from store.commands.patches import NewTask, Patch
from store.documents.conflicts.naming import parse_op
from store.domain.ids import DocId
from store.replica import Replica
from tests.documents.conflicts.apart import (
    Act,
    both,
    do_apart,
    event,
    fields,
    id_of,
    settled,
    task_of_all,
    text,
    the_conflict,
    told_to_all,
    trash,
)
from tests.support.people import Camp


def patch(changes: Patch) -> Act:
    return lambda replica, doc: replica.edit(doc, changes)


def in_trash(camp: Camp, doc: DocId) -> set[bool]:
    """Whether the item is in the trash, as its own page and the lists of all people have it."""
    told = set()
    for person in camp.people.values():
        told.add(person.task(doc).trashed)
        told.add(doc in {row.id for row in person.tasks(view="trash")})
        told.add(doc not in {row.id for row in person.tasks()})
    return told


CONTENT = {
    "a field": fields(title="Long rope"),
    "a cleared field": fields(due=None),
    "a tag put on": patch(Patch(add_tags=("wet",))),
    "a tag taken off": patch(Patch(remove_tags=("x",))),
    "the text": text("thirty metres"),
    "content, then state": both(fields(title="Long rope"), event("done")),
}


@pytest.mark.parametrize("edit", CONTENT.values(), ids=CONTENT)
def test_an_item_that_was_edited_beside_the_trashing_stays_in_sight_flagged(
    camp: Camp, edit: Act
) -> None:
    new = NewTask("Rope", due="2026-12-01", tags=("x",))
    doc = camp["alice"].add_task(new, space=camp.space)
    camp.meet()

    do_apart(camp, doc, alice=trash, bob=edit)

    row = the_conflict(camp, "trash")
    assert in_trash(camp, doc) == {False}
    assert {(s.value, s.author, s.shown) for s in row.sides} == {
        ("trash", "Alice", False),
        ("keep", "Bob", True),
    }
    assert {camp[name].task(doc).conflicts for name in camp.people} == {(row.id,)}


def put_behind_another(camp: Camp) -> Act:
    """Put the task behind another one: its place changes, nothing that it says."""
    other = camp["alice"].add_task(NewTask("Tent"), space=camp.space)
    camp.meet()
    return patch(Patch(after=other))


def test_a_change_of_place_does_not_keep_it(camp: Camp) -> None:
    doc = task_of_all(camp)
    move = put_behind_another(camp)
    order = camp["bob"].task(doc).order

    do_apart(camp, doc, alice=trash, bob=move)

    assert camp["bob"].task(doc).order != order
    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


@pytest.mark.parametrize("types", [("done",), ("start", "block")])
def test_a_change_of_state_does_not_keep_it(camp: Camp, types: tuple[str, ...]) -> None:
    doc = task_of_all(camp)

    do_apart(camp, doc, alice=trash, bob=event(*types))

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def test_who_has_seen_the_edit_may_put_it_away(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, bob=fields(title="Long rope"))

    do_apart(camp, doc, alice=trash)

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def test_an_edit_by_one_who_trashes_it_too_keeps_it_all_the_same(camp: Camp) -> None:
    """Her trashing has not seen his edit, whatever he did after it."""
    doc = task_of_all(camp)

    do_apart(camp, doc, alice=trash, bob=both(fields(title="Long rope"), trash))

    row = the_conflict(camp, "trash")
    assert in_trash(camp, doc) == {False}
    assert {(s.value, s.author) for s in row.sides} == {("trash", "Alice"), ("keep", "Bob")}


def test_both_trashing_is_none(camp: Camp) -> None:
    doc = task_of_all(camp)

    do_apart(camp, doc, alice=trash, bob=trash)

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def test_each_who_edited_is_one_side_by_their_last_edit(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(
        camp,
        doc,
        alice=trash,
        bob=both(fields(title="Long rope"), fields(priority="high")),
        carol=fields(list="Camp"),
    )

    row = the_conflict(camp, "trash")

    ops = [parse_op(side.op) for side in row.sides]
    assert ops == sorted(ops)
    assert sorted((s.value, s.author) for s in row.sides) == [
        ("keep", "Bob"),
        ("keep", "Carol"),
        ("trash", "Alice"),
    ]
    (bobs,) = [s for s in row.sides if s.author == "Bob"]
    his_last = next(v for v in camp["bob"].history(doc) if v.author == "Bob")
    assert (bobs.at_ms, his_last.summary) == (his_last.at_ms, "priority")


def test_putting_it_away_again_after_meeting_decides(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=trash, bob=fields(title="Long rope"))
    the_conflict(camp, "trash")

    do_apart(camp, doc, carol=trash)

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def restore(replica: Replica, doc: DocId) -> None:
    """Take the item out of the trash."""
    replica.restore(doc)


def empty_trash(replica: Replica, doc: DocId) -> None:
    """Put what lies in the trash beyond it."""
    assert replica.purge_trash() == [doc]


def settle(value: str) -> Act:
    """Say what the only open conflict shall be."""
    return lambda replica, doc: replica.resolve(id_of(replica.conflicts()[0]), value=value)


def test_taking_it_out_beside_emptying_the_trash_keeps_it_in_sight(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=trash)

    do_apart(camp, doc, alice=restore, bob=empty_trash)

    row = the_conflict(camp, "trash")
    assert in_trash(camp, doc) == {False}
    assert {(s.value, s.author, s.shown) for s in row.sides} == {
        ("keep", "Alice", True),
        ("trash", "Bob", False),
    }


def test_putting_it_away_beside_emptying_the_trash_is_none(camp: Camp) -> None:
    doc = task_of_all(camp)

    do_apart(camp, doc, alice=trash, bob=both(trash, empty_trash))

    assert told_to_all(camp) == []


@pytest.mark.parametrize(("first", "second"), [("keep", "trash"), ("trash", "keep")])
def test_two_who_settle_it_differently_are_in_conflict_again(
    camp: Camp, first: str, second: str
) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=trash, bob=fields(title="Long rope"))

    do_apart(camp, doc, alice=settle(first), bob=settle(second))

    row = the_conflict(camp, "trash")
    assert in_trash(camp, doc) == {False}
    assert {(s.value, s.author) for s in row.sides} == {(first, "Alice"), (second, "Bob")}
    assert settled(camp, "carol") == []

    do_apart(camp, doc, carol=settle("trash"))

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def test_two_who_settle_it_alike_are_not(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=trash, bob=fields(title="Long rope"))

    do_apart(camp, doc, alice=settle("trash"), bob=settle("trash"))

    assert told_to_all(camp) == []
    assert in_trash(camp, doc) == {True}


def test_opening_it_again_takes_back_both_answers(camp: Camp) -> None:
    doc = task_of_all(camp)
    do_apart(camp, doc, alice=trash, bob=fields(title="Long rope"))
    do_apart(camp, doc, alice=settle("keep"), bob=settle("trash"))
    do_apart(camp, doc, carol=settle("keep"))

    do_apart(
        camp, doc, carol=lambda replica, _: replica.unresolve(id_of(settled(camp, "carol")[0]))
    )

    row = the_conflict(camp, "trash")
    assert {(s.value, s.author) for s in row.sides} == {("trash", "Alice"), ("keep", "Bob")}
