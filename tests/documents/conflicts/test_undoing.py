"""Undo takes back a device's own last act, and only while that is what people see (D9)."""

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import Refused
from store.domain.ids import DocId
from store.replica import Replica
from tests.documents.conflicts.apart import (
    KINDS,
    Act,
    both,
    event,
    fields,
    in_conflict,
    settled,
    task_of_all,
    text,
    the_conflict,
    told_to_all,
    trash,
)
from tests.support.people import Camp


def tag(replica: Replica, doc: DocId) -> None:
    """Put a tag on."""
    replica.edit(doc, Patch(add_tags=("wet",)))


def untag(replica: Replica, doc: DocId) -> None:
    """Take it off."""
    replica.edit(doc, Patch(remove_tags=("wet",)))


def behind(title: str) -> Act:
    """Put the task behind another one."""

    def act(replica: Replica, doc: DocId) -> None:
        other = next(row.id for row in replica.tasks() if row.title == title)
        replica.edit(doc, Patch(after=DocId(other)))

    return act


def task_among_others(camp: Camp) -> DocId:
    doc = task_of_all(camp, "rope\nstove")
    for title in ("Tent", "Map"):
        camp["bob"].add_task(NewTask(title), space=camp.space)
    camp.meet()
    return doc


ACTS: dict[str, Act] = {
    "a field": fields(title="Long rope"),
    "a field that was empty": fields(due="2026-12-01"),
    "a tag": tag,
    "the text": text("rope\nmy stove"),
    "a state": event("done"),
    "trash": trash,
    "a place": behind("Map"),
}
AFTERWARDS: dict[str, tuple[Act, Act, str]] = {
    # Alice's act, Bob's on top of it, why she can't undo hers
    "a field": (
        fields(title="Long rope"),
        fields(title="Short rope"),
        "The title was changed since by Bob, so this can't be undone.",
    ),
    "a tag": (tag, untag, "The tag wet was changed since by Bob, so this can't be undone."),
    "a state": (
        event("start"),
        event("done"),
        "Somebody changed the task's state since, so this can't be undone.",
    ),
    "trash that was emptied": (
        trash,
        lambda replica, _: replica.purge_trash(),
        "The trash was emptied since, so this can't be undone.",
    ),
    "trash that was taken back": (
        trash,
        lambda replica, doc: replica.restore(doc),
        "Somebody put it away or brought it back since, so this can't be undone.",
    ),
    "trash that is somebody else's by now": (
        trash,
        both(lambda replica, doc: replica.restore(doc), trash),
        "Somebody put it away or brought it back since, so this can't be undone.",
    ),
    "a place": (
        behind("Tent"),
        behind("Map"),
        "Somebody moved it since, so this can't be undone.",
    ),
}


def seen(camp: Camp, doc: DocId) -> tuple[object, ...]:
    row = camp["bob"].task(doc)
    place = [task.title for task in camp["bob"].tasks()]
    return row.title, row.due, row.tags, row.body, row.state, row.trashed, place


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_undo_and_redo_are_seen_by_all(camp: Camp, act: Act) -> None:
    doc = task_among_others(camp)
    before = seen(camp, doc)
    act(camp["alice"], doc)
    camp.meet()
    after = seen(camp, doc)
    assert after != before

    camp["alice"].undo()
    camp.meet()
    assert seen(camp, doc) == before

    camp["alice"].redo()
    camp.meet()
    assert seen(camp, doc) == after


@pytest.mark.parametrize(("act", "then", "sentence"), AFTERWARDS.values(), ids=AFTERWARDS)
def test_what_is_not_live_any_more_is_not_undone_and_nothing_changes(
    camp: Camp, act: Act, then: Act, sentence: str
) -> None:
    doc = task_among_others(camp)
    act(camp["alice"], doc)
    camp.meet()
    then(camp["bob"], doc)
    camp.meet()
    before = camp["alice"].digest(camp.space)

    with pytest.raises(Refused) as refusal:
        camp["alice"].undo()

    assert str(refusal.value) == sentence
    assert camp["alice"].digest(camp.space) == before


def test_undo_of_a_text_leaves_what_others_wrote_since(camp: Camp) -> None:
    doc = task_of_all(camp, "rope\nstove")
    text("rope\nmy stove")(camp["alice"], doc)
    camp.meet()
    text("long rope\nmy stove")(camp["bob"], doc)
    camp.meet()

    camp["alice"].undo()
    camp.meet()

    assert camp["bob"].task(doc).body == "long rope\nstove"


SETTLING_ACTS: dict[str, Act] = {
    "field": fields(priority="medium"),
    "lifecycle": event("reopen"),
    "trash": trash,
}


@pytest.mark.parametrize(("kind", "act"), SETTLING_ACTS.items(), ids=SETTLING_ACTS)
def test_undo_of_an_act_that_settled_a_conflict_opens_it_again(
    camp: Camp, kind: str, act: Act
) -> None:
    doc = in_conflict(camp, kind)
    row = the_conflict(camp, kind)
    act(camp["carol"], doc)
    camp.meet()
    assert told_to_all(camp) == []
    after = seen(camp, doc)

    camp["carol"].undo()
    camp.meet()
    again = the_conflict(camp, kind)
    assert again.id == row.id
    sides = {(s.value, s.author, s.at_ms) for s in row.sides}
    assert {(s.value, s.author, s.at_ms) for s in again.sides} == sides

    camp["carol"].redo()
    camp.meet()
    assert told_to_all(camp) == []
    assert seen(camp, doc) == after


def test_who_put_it_away_beside_an_edit_may_undo_that_and_it_stays(camp: Camp) -> None:
    assert KINDS["trash"][0] is trash  # Alice's
    doc = in_conflict(camp, "trash")

    camp["alice"].undo()
    camp.meet()

    assert told_to_all(camp) == []
    assert not camp["bob"].task(doc).trashed
    (told,) = settled(camp, "bob")
    assert told.settled is not None
    assert (told.settled.by, told.settled.value) == ("Alice", "keep")


TWICE: dict[str, tuple[Act, Act, Act]] = {
    "a field": (fields(title="One"), fields(title="Two"), fields(title="Three")),
    "fields that share a change": (
        fields(title="One", due="2026-12-01"),
        fields(title="Two"),
        fields(due="2026-12-02"),
    ),
    "a tag": (tag, untag, tag),
    "the text": (text("rope, stove"), text("a stove"), text("rope\nan old stove")),
    "text and field": (text("tent"), fields(title="One"), text("map")),
    "a state": (event("start"), event("block"), event("done")),
    "trash": (trash, lambda replica, doc: replica.restore(doc), trash),
    "a place": (behind("Tent"), behind("Map"), behind("Tent")),
}


@pytest.mark.parametrize("acts", TWICE.values(), ids=TWICE)
def test_several_acts_on_one_thing_are_undone_and_redone_one_after_the_other(
    camp: Camp, acts: tuple[Act, ...]
) -> None:
    doc = task_among_others(camp)
    camp.meet()
    stages = [seen(camp, doc)]
    for act in acts:
        act(camp["alice"], doc)
        camp.meet()
        stages.append(seen(camp, doc))

    for _ in range(2):
        for stage in stages[-2::-1]:
            camp["alice"].undo()
            camp.meet()
            assert seen(camp, doc) == stage
        for stage in stages[1:]:
            camp["alice"].redo()
            camp.meet()
            assert seen(camp, doc) == stage


def test_an_earlier_act_is_not_undone_over_what_another_wrote_in_between(camp: Camp) -> None:
    doc = task_of_all(camp)
    fields(title="One")(camp["alice"], doc)
    camp.meet()
    fields(title="His")(camp["bob"], doc)
    camp.meet()
    fields(title="Two")(camp["alice"], doc)

    camp["alice"].undo()
    assert camp["alice"].task(doc).title == "His"
    with pytest.raises(Refused, match="changed since"):
        camp["alice"].undo()

    assert camp["alice"].task(doc).title == "His"


def test_putting_away_and_bringing_back_are_undone_and_redone_one_after_the_other(
    camp: Camp,
) -> None:
    doc = camp["alice"].add_note("Log", space=camp.space)
    alice = camp["alice"]

    def is_away() -> bool:
        return alice.note(doc).trashed

    alice.trash(doc)
    alice.restore(doc)

    states = []
    for step in (alice.undo, alice.undo, alice.redo, alice.redo, alice.undo, alice.undo):
        step()
        states.append(is_away())

    assert states == [True, False, True, False, True, False]
