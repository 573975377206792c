"""A version is a change: what its author saw, named by the change's hash; going back adds (D10)."""

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import Ambiguous, NotFound
from store.domain.ids import DocId
from tests.documents.conflicts.apart import (
    Act,
    both,
    do_apart,
    event,
    fields,
    task_of_all,
    text,
    the_conflict,
)
from tests.support.people import Camp


def newest(camp: Camp, doc: DocId, author: str) -> str:
    """The last version that somebody wrote."""
    return next(row.version for row in camp["carol"].history(doc) if row.author == author)


def told(camp: Camp, doc: DocId) -> tuple[object, ...]:
    """What all people are shown of a task."""
    rows = [camp[name].task(doc) for name in camp.people]
    each = {(r.title, r.due, r.tags, r.body, r.state, r.order) for r in rows}
    (only,) = each
    return only


def test_a_version_is_what_its_author_saw_not_what_was_merged_beside_it(camp: Camp) -> None:
    doc = task_of_all(camp, "rope")
    do_apart(camp, doc, alice=fields(title="Hers"), bob=fields(due="2026-12-02"))

    for name in camp.people:
        hers = camp[name].state_at(doc, newest(camp, doc, "Alice"))
        his = camp[name].state_at(doc, newest(camp, doc, "Bob"))
        assert (hers.fields["title"], hers.fields.get("due")) == ("Hers", None)
        assert (his.fields["title"], his.fields.get("due")) == ("Rope", "2026-12-02")


def test_every_device_lists_the_same_versions_with_who_and_when(camp: Camp) -> None:
    doc = task_of_all(camp, "rope")
    do_apart(camp, doc, alice=fields(title="Hers"), bob=event("done"), carol=text("tent"))

    lists = [camp[name].history(doc) for name in camp.people]

    assert lists[0] == lists[1] == lists[2]
    assert sorted((row.author, row.device, row.summary) for row in lists[0]) == [
        ("Alice", "alices laptop", "created (text, place, title)"),
        ("Alice", "alices laptop", "title"),
        ("Bob", "bobs laptop", "state"),
        ("Carol", "carols laptop", "text"),
    ]
    assert all(row.at_ms for row in lists[0])


def test_a_start_of_the_hash_is_enough_where_it_is_the_only_one(camp: Camp) -> None:
    doc = task_of_all(camp)
    for title in map(str, range(20)):  # more versions than there are first digits
        fields(title=title)(camp["alice"], doc)
    (*_, first) = camp["alice"].history(doc)

    assert camp["alice"].state_at(doc, first.version[:20]).fields["title"] == "Rope"
    assert camp["alice"].state_at(doc, first.version.upper()).fields["title"] == "Rope"
    by_digit = {row.version[0] for row in camp["alice"].history(doc)}
    shared = next(
        digit
        for digit in by_digit
        if sum(row.version[0] == digit for row in camp["alice"].history(doc)) > 1
    )
    with pytest.raises(Ambiguous):
        camp["alice"].state_at(doc, shared)
    for nothing in ("", "g", "0" * 64):
        with pytest.raises(NotFound):
            camp["alice"].state_at(doc, nothing)


CHANGES: dict[str, Act] = {
    "a field": fields(title="Long rope"),
    "several fields": fields(title="Long rope", due=None, priority="high"),
    "tags": lambda replica, doc: replica.edit(doc, Patch(add_tags=("dry",), remove_tags=("wet",))),
    "the text": text("tent\nstove, gas"),
    "the state": event("start", "done"),
}
CHANGES["everything at once"] = both(*CHANGES.values())


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_going_back_is_one_new_change_that_all_see_and_that_can_be_undone(
    camp: Camp, act: Act
) -> None:
    new = NewTask("Rope", due="2026-12-01", tags=("wet",), body="rope\nstove")
    doc = camp["alice"].add_task(new, space=camp.space)
    camp.meet()
    before, version = told(camp, doc), newest(camp, doc, "Alice")
    do_apart(camp, doc, bob=act)
    after, versions = told(camp, doc), camp["bob"].history(doc)
    assert after != before

    camp["carol"].revert(doc, version[:12])
    camp.meet()

    assert told(camp, doc) == before
    added, *kept = camp["alice"].history(doc)
    assert (added.author, kept) == ("Carol", versions)

    camp["carol"].undo()
    camp.meet()
    assert told(camp, doc) == after


def test_going_back_to_what_it_says_already_adds_nothing(camp: Camp) -> None:
    doc = task_of_all(camp, "rope")
    versions = camp["alice"].history(doc)

    camp["alice"].revert(doc, versions[0].version)

    assert camp["alice"].history(doc) == versions


def test_going_back_does_not_outdo_an_edit_that_was_made_apart(camp: Camp) -> None:
    doc = task_of_all(camp)
    version = newest(camp, doc, "Alice")
    do_apart(camp, doc, alice=fields(title="Long rope"))
    camp["alice"].revert(doc, version)
    fields(title="Short rope")(camp["bob"], doc)
    camp.meet()

    row = the_conflict(camp, "field")

    assert {(s.value, s.author) for s in row.sides} == {("Rope", "Alice"), ("Short rope", "Bob")}
    assert row.base == "Long rope"
