"""A field is written on what its writer saw: what somebody else wrote there since stays beside it.

As with texts (D11), the writer says on which version they wrote. Then it does not matter whether
the other's words came over a moment before theirs were saved or a moment after.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import Refused
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from tests.support.people import Camp, sides

Heads = tuple[bytes, ...]


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Ann, Bea and Cid, who share a space."""
    camp = Camp(tmp_path, "ann", "bea", "cid")
    yield camp
    camp.close()


def seen_task(camp: Camp, title: str = "Buy rope") -> tuple[DocId, Heads]:
    """A task that all have, and the version of it that Ann looks at."""
    doc = camp["ann"].add_task(NewTask(title))
    camp.meet()
    return doc, camp["ann"].task(doc).heads


def wrote(replica: Replica, doc: DocId, base: Heads | None = None, **fields: object) -> None:
    replica.edit(doc, Patch(fields=fields, fields_base=base))


def title_sides(replica: Replica) -> list[object]:
    """What stands against each other in the one conflict there is."""
    (row,) = replica.conflicts(remember=False)
    assert (row.kind, row.field) == ("field", "title")
    return sorted(side.value for side in row.sides)


def test_what_came_over_while_one_typed_is_a_conflict_as_if_both_had_been_apart(camp: Camp) -> None:
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()

    wrote(camp["ann"], doc, base, title="Buy 60 m of rope")

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    camp.meet()
    assert title_sides(camp["bea"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    (row,) = camp["bea"].conflicts(remember=False)
    assert row.base == "Buy rope"


def test_other_fields_that_moved_are_none_of_its_business(camp: Camp) -> None:
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, due="2026-12-01")
    camp.meet()

    wrote(camp["ann"], doc, base, title="Buy 60 m of rope")

    row = camp["ann"].task(doc)
    assert (row.title, row.due, row.conflicts) == ("Buy 60 m of rope", "2026-12-01", ())
    assert len(row.heads) == 1, "it follows what is there"


def test_one_patch_may_hold_fields_of_both_kinds(camp: Camp) -> None:
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()

    wrote(camp["ann"], doc, base, title="Buy 60 m of rope", due="2026-12-01")

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    assert camp["ann"].task(doc).due == "2026-12-01"


@pytest.mark.parametrize("said", ["Buy Kit's rope", "Buy rope"], ids=["the same", "as it was"])
def test_who_says_the_same_or_nothing_new_writes_nothing(camp: Camp, said: str) -> None:
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    before = camp["ann"].task(doc).heads

    wrote(camp["ann"], doc, base, title=said)

    assert camp["ann"].task(doc).heads == before
    assert camp["ann"].task(doc).title == "Buy Kit's rope"


def test_who_saw_the_conflict_settles_it(camp: Camp) -> None:
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    shown = camp["ann"].task(doc)
    assert shown.conflicts

    wrote(camp["ann"], doc, shown.heads, title="Buy 60 m of Kit's rope")

    assert camp["ann"].task(doc).conflicts == ()


def test_a_side_that_came_in_since_is_not_settled_with_those_that_were_seen(camp: Camp) -> None:
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    wrote(camp["cid"], doc, title="Borrow a rope")
    camp.meet("ann", "bea")
    base = camp["ann"].task(doc).heads
    camp.meet()

    wrote(camp["ann"], doc, base, title="Buy 60 m of Kit's rope")

    assert title_sides(camp["ann"]) == ["Borrow a rope", "Buy 60 m of Kit's rope"]


def test_a_version_that_is_not_there_any_more_counts_as_the_present(camp: Camp) -> None:
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, (b"\x07" * 32,), title="Buy 60 m of rope")
    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("Buy 60 m of rope", ())


@pytest.mark.parametrize("seed", range(4))  # whose side lists show is the toss of an actor's bytes
def test_undo_takes_the_own_side_out_and_leaves_the_others(tmp_path: Path, seed: int) -> None:
    camp = Camp(tmp_path, "ann", "bea", seed=seed)
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    wrote(camp["ann"], doc, base, title="Buy 60 m of rope")

    camp["ann"].undo()

    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("Buy Kit's rope", ())
    camp["ann"].redo()
    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    camp.close()


@pytest.mark.parametrize("seed", range(4))
def test_undo_of_an_edit_that_met_another_one_leaves_that_other_one(
    tmp_path: Path, seed: int
) -> None:
    camp = Camp(tmp_path, "ann", "bea", seed=seed)
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()

    camp["ann"].undo()

    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("Buy Kit's rope", ())
    camp.meet()
    assert camp["bea"].task(doc).title == "Buy Kit's rope"
    camp.close()


def test_acts_before_one_that_met_anothers_are_undone_next(camp: Camp) -> None:
    """B and C are Ann's, D is Bea's beside them: without C it is B against D, without B it is D."""
    doc, _ = seen_task(camp, "A")
    wrote(camp["ann"], doc, title="B")
    wrote(camp["ann"], doc, title="C")
    wrote(camp["bea"], doc, title="D")
    camp.meet()

    camp["ann"].undo()
    assert title_sides(camp["ann"]) == ["B", "D"]
    camp["ann"].undo()
    assert (camp["ann"].task(doc).title, camp["ann"].task(doc).conflicts) == ("D", ())
    camp.meet()
    assert camp["bea"].task(doc).title == "D"


def test_two_windows_that_wrote_one_field_are_undone_one_after_the_other(camp: Camp) -> None:
    doc, base = seen_task(camp, "A")
    wrote(camp["ann"], doc, base, title="in one window")
    wrote(camp["ann"], doc, base, title="in another")

    camp["ann"].undo()
    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("in one window", ())
    camp["ann"].undo()
    assert camp["ann"].task(doc).title == "A"


def test_two_who_wrote_the_same_and_take_it_back_are_where_they_began(camp: Camp) -> None:
    doc, _ = seen_task(camp, "A")
    wrote(camp["ann"], doc, title="X")
    wrote(camp["bea"], doc, title="X")
    camp.meet()

    camp["ann"].undo()
    camp["bea"].undo()

    camp.meet()
    assert {camp[name].task(doc).title for name in ("ann", "bea", "cid")} == {"A"}


def test_who_puts_back_what_somebody_built_on_meanwhile_gets_what_was_built(camp: Camp) -> None:
    """Bea wrote D on Ann's B; Ann's undo of B stood against that, and is undone itself."""
    doc, _ = seen_task(camp, "A")
    wrote(camp["ann"], doc, title="B")
    camp.meet()
    wrote(camp["bea"], doc, title="D")
    camp["ann"].undo()
    camp.meet()
    assert title_sides(camp["ann"]) == ["A", "D"]

    camp["ann"].redo()

    assert (camp["ann"].task(doc).title, camp["ann"].task(doc).conflicts) == ("D", ())


def test_no_version_at_all_counts_as_the_present(camp: Camp) -> None:
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, (), title="Buy 60 m of rope")
    assert camp["ann"].task(doc).title == "Buy 60 m of rope"


def test_own_changes_beside_the_version_are_seen_too(camp: Camp) -> None:
    """Who types on in a field has seen what they wrote there, and not what came beside it."""
    doc, base = seen_task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    own = camp["ann"].edit(doc, Patch(fields={"title": "Buy 60 m"}, fields_base=base))

    wrote(camp["ann"], doc, (*base, *own), title="Buy 60 m of rope")

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]


def test_undo_among_three_leaves_the_settling_to_people(camp: Camp) -> None:
    doc, _ = seen_task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    wrote(camp["cid"], doc, title="Borrow a rope")
    camp.meet()
    before = sides(camp["ann"].conflicts(remember=False)[0])

    with pytest.raises(Refused, match="Others wrote the title as well; settle that conflict"):
        camp["ann"].undo()

    (row,) = camp["ann"].conflicts(remember=False)
    assert sides(row) == before
    camp["ann"].resolve(ConflictId(row.id), take=0)
