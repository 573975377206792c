"""A field is written on what its writer saw: what somebody else wrote there since stays beside it.

As with texts (D11), the writer says from what they went on: the value that stood there. Then it
does not matter whether the other's words came over a moment before theirs were saved or a moment
after.
"""

from collections.abc import Iterator
from functools import partial
from operator import eq
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import Refused
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from tests.support.people import Camp, sides

START = "Buy rope"


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Ann, Bea and Cid, who share a space."""
    camp = Camp(tmp_path, "ann", "bea", "cid")
    yield camp
    camp.close()


def task(camp: Camp, title: str = START) -> DocId:
    """A task that all have."""
    doc = camp["ann"].add_task(NewTask(title))
    camp.meet()
    return doc


def is_none(value: object) -> bool:
    return value is None


def wrote(replica: Replica, doc: DocId, **fields: object) -> None:
    """Write on what is there."""
    replica.edit(doc, Patch(fields=fields))


def typed(replica: Replica, doc: DocId, title: str, *, was: str = START) -> None:
    """Write a title in place of one that was seen."""
    replica.edit(doc, Patch(fields={"title": title}, was={"title": partial(eq, was)}))


def title_sides(replica: Replica) -> list[object]:
    """What stands against each other in the one conflict there is."""
    (row,) = replica.conflicts(remember=False)
    assert (row.kind, row.field) == ("field", "title")
    return sorted(side.value for side in row.sides)


def test_what_came_over_while_one_typed_is_a_conflict_as_if_both_had_been_apart(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()

    typed(camp["ann"], doc, "Buy 60 m of rope")

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    camp.meet()
    assert title_sides(camp["bea"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    (row,) = camp["bea"].conflicts(remember=False)
    assert row.base == "Buy rope"


def test_what_is_there_is_written_on_as_ever(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["bea"], doc, due="2026-12-01")
    camp.meet()

    typed(camp["ann"], doc, "Buy 60 m of rope")
    typed(camp["ann"], doc, "Buy 70 m of rope", was="Buy 60 m of rope")

    row = camp["ann"].task(doc)
    assert (row.title, row.due, row.conflicts) == ("Buy 70 m of rope", "2026-12-01", ())


def test_one_patch_may_hold_fields_of_both_kinds(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()

    fields = {"title": "Buy 60 m of rope", "due": "2026-12-01", "list": "Hut"}
    camp["ann"].edit(doc, Patch(fields=fields, was={"title": partial(eq, START), "due": is_none}))

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]
    assert (camp["ann"].task(doc).due, camp["ann"].task(doc).list) == ("2026-12-01", "Hut")


@pytest.mark.parametrize("said", ["Buy Kit's rope", "Buy rope"], ids=["the same", "as it was"])
def test_who_says_the_same_or_nothing_new_writes_nothing(camp: Camp, said: str) -> None:
    doc = task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    before = camp["ann"].digest()

    typed(camp["ann"], doc, said)

    assert camp["ann"].digest() == before


def test_a_field_that_was_empty_has_a_version_too(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["bea"], doc, due="2026-12-01")
    camp.meet()

    camp["ann"].edit(doc, Patch(fields={"due": "2026-12-24"}, was={"due": is_none}))

    (row,) = camp["ann"].conflicts(remember=False)
    assert {side.value for side in row.sides} == {"2026-12-01", "2026-12-24"}


def test_a_field_that_somebody_cleared_stays_cleared_on_their_side(camp: Camp) -> None:
    doc = camp["ann"].add_task(NewTask("Buy rope", due="2026-12-01"))
    camp.meet()
    wrote(camp["bea"], doc, due=None)
    camp.meet()

    camp["ann"].edit(
        doc, Patch(fields={"due": "2026-12-24"}, was={"due": partial(eq, "2026-12-01")})
    )

    (row,) = camp["ann"].conflicts(remember=False)
    assert {side.value for side in row.sides} == {None, "2026-12-24"}


def test_in_a_conflict_one_goes_on_from_the_side_that_one_saw(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    wrote(camp["cid"], doc, title="Borrow a rope")
    camp.meet()

    typed(camp["ann"], doc, "Buy Kit's old rope", was="Buy Kit's rope")

    assert title_sides(camp["ann"]) == ["Borrow a rope", "Buy 60 m of rope", "Buy Kit's old rope"]


def test_a_conflict_that_was_settled_since_gets_another_side(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    (row,) = camp["bea"].conflicts()
    camp["bea"].resolve(ConflictId(row.id), value="Borrow a rope")
    camp.meet()

    typed(camp["ann"], doc, "Buy Kit's old rope", was="Buy Kit's rope")

    assert "Borrow a rope" in title_sides(camp["ann"])
    assert "Buy Kit's old rope" in title_sides(camp["ann"])


def test_a_value_that_never_stood_there_counts_as_what_is_there(camp: Camp) -> None:
    doc = task(camp)
    typed(camp["ann"], doc, "Buy 60 m of rope", was="Something that a server refused")
    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("Buy 60 m of rope", ())


@pytest.mark.parametrize("seed", range(4))  # whose side lists show is the toss of an actor's bytes
def test_undo_takes_the_own_side_out_and_leaves_the_others(tmp_path: Path, seed: int) -> None:
    camp = Camp(tmp_path, "ann", "bea", seed=seed)
    doc = task(camp)
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    typed(camp["ann"], doc, "Buy 60 m of rope")

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
    doc = task(camp)
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
    doc = task(camp, "A")
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
    doc = task(camp, "A")
    typed(camp["ann"], doc, "in one window", was="A")
    typed(camp["ann"], doc, "in another", was="A")

    camp["ann"].undo()
    row = camp["ann"].task(doc)
    assert (row.title, row.conflicts) == ("in one window", ())
    camp["ann"].undo()
    assert camp["ann"].task(doc).title == "A"


def test_two_who_wrote_the_same_and_take_it_back_are_where_they_began(camp: Camp) -> None:
    doc = task(camp, "A")
    wrote(camp["ann"], doc, title="X")
    wrote(camp["bea"], doc, title="X")
    camp.meet()

    camp["ann"].undo()
    camp["bea"].undo()

    camp.meet()
    assert {camp[name].task(doc).title for name in ("ann", "bea", "cid")} == {"A"}


def test_who_puts_back_what_somebody_built_on_meanwhile_gets_what_was_built(camp: Camp) -> None:
    """Bea wrote D on Ann's B; Ann's undo of B stood against that, and is undone itself."""
    doc = task(camp, "A")
    wrote(camp["ann"], doc, title="B")
    camp.meet()
    wrote(camp["bea"], doc, title="D")
    camp["ann"].undo()
    camp.meet()
    assert title_sides(camp["ann"]) == ["A", "D"]

    camp["ann"].redo()

    assert (camp["ann"].task(doc).title, camp["ann"].task(doc).conflicts) == ("D", ())


def test_undo_of_the_others_words_in_ones_own_side_makes_two_sides_again(camp: Camp) -> None:
    doc = task(camp)
    wrote(camp["ann"], doc, title="Buy 60 m of rope")
    wrote(camp["bea"], doc, title="Buy Kit's rope")
    camp.meet()
    typed(camp["ann"], doc, "Buy Kit's rope", was="Buy 60 m of rope")
    assert camp["ann"].task(doc).conflicts == ()

    camp["ann"].undo()

    assert title_sides(camp["ann"]) == ["Buy 60 m of rope", "Buy Kit's rope"]


def test_undo_among_three_leaves_the_settling_to_people(camp: Camp) -> None:
    doc = task(camp)
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
