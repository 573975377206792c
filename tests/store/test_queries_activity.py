"""What changed, by whom: told from rows, newest first, bounded, new ones marked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.imports import ImportItem
from store.queries import Activity
from store.replica import Replica
from tests.support.people import Camp, Clock

HALF_AN_HOUR_MS = 30 * 60_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def replica(tmp_path: Path, clock: Clock) -> Iterator[Replica]:
    with Replica.open(tmp_path / "home", clock_ms=clock) as opened:
        opened.set_identity("Ana", "laptop")
        yield opened


def told(replica: Replica, rows_max: int = 100) -> tuple[Activity, ...]:
    return replica.activity(rows_max=rows_max, seen={}).entries


def test_an_entry_says_who_did_what_to_what(replica: Replica) -> None:
    replica.add_task(NewTask("Buy rope", due="2030-01-05", tags=("climb",)))

    (entry,) = told(replica)

    assert (entry.title, entry.kind, entry.space) == ("Buy rope", "task", "Personal")
    assert (entry.person, entry.device, entry.is_own) == ("Ana", "laptop", True)
    assert {"created", "due", "tags", "title"} <= set(entry.what)


def test_a_lifecycle_event_is_named(replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    replica.add_task(NewTask("Pack"))
    replica.transition(doc, "done")

    assert told(replica)[0].events == ("done",)


def test_what_one_author_does_to_one_item_in_a_row_is_one_entry(
    replica: Replica, clock: Clock
) -> None:
    doc = replica.add_task(NewTask("Rope"))
    for title in ("Long rope", "Longer rope"):
        replica.edit(doc, Patch(fields={"title": title}))
    replica.add_task(NewTask("Tent"))
    replica.edit(doc, Patch(fields={"due": "2030-01-05"}))

    assert [(each.title, each.changes) for each in told(replica)] == [
        ("Longer rope", 1),
        ("Tent", 1),
        ("Longer rope", 3),
    ]
    clock.at_ms += HALF_AN_HOUR_MS + 1
    replica.edit(doc, Patch(fields={"due": "2030-01-06"}))
    assert [each.changes for each in told(replica)] == [1, 1, 1, 3], "that was another time"


def test_so_many_rows_are_read_and_no_more(replica: Replica) -> None:
    for number in range(5):
        replica.add_task(NewTask(f"Task {number}"))

    page = replica.activity(rows_max=3, seen={})

    assert [each.title for each in page.entries] == ["Task 4", "Task 3", "Task 2"]
    assert page.has_more
    assert not replica.activity(rows_max=5, seen={}).has_more


def test_what_was_deleted_for_good_says_so(replica: Replica) -> None:
    replica.trash(replica.add_task(NewTask("Buy rope")))
    replica.purge_trash()

    assert told(replica)[0].is_gone


def test_what_came_from_elsewhere_since_the_last_look_is_new(tmp_path: Path) -> None:
    camp = Camp(tmp_path, "bea", "ana")
    ana = camp["ana"]
    seen = ana.logged_up_to()
    mine = ana.add_task(NewTask("My own"))
    camp["bea"].add_task(NewTask("Book the bus"))
    camp.give("bea", "ana")

    found = ana.activity(rows_max=10, seen=seen).entries
    assert [(each.title, each.person, each.is_new) for each in found] == [
        ("Book the bus", "Bea", True),
        ("My own", "Ana", False),
    ]
    assert (ana.changed_elsewhere(seen), ana.changed_elsewhere(ana.logged_up_to())) == (1, 0)
    later = ana.activity(rows_max=10, seen=ana.logged_up_to()).entries
    assert not any(each.is_new for each in later)
    assert [each.act is not None for each in later] == [False, True], "only what was done here"
    assert later[1].doc == mine


def test_what_one_import_brought_in_is_undone_as_a_whole(replica: Replica) -> None:
    found = (
        ImportItem(
            "task", f"line {number}", bytes([number]), f"Task {number}", "", is_in_order=True
        )
        for number in range(120)
    )
    replica.import_items(None, found)

    assert {each.act.items for each in told(replica, 500) if each.act is not None} == {120}
