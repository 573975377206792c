"""Taking back an act that is not the last one, and putting back in the order of the taking back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import NothingToUndo, Refused
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import open_replica


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    with open_replica(tmp_path / "home") as opened:
        yield opened


def numbers(replica: Replica) -> dict[str, int]:
    """The number of the latest act that can be taken back, by the item's title."""
    entries = replica.activity(rows_max=100, seen={}).entries
    return {each.title: each.act.number for each in reversed(entries) if each.act is not None}


def retitle(replica: Replica, doc: DocId, title: str) -> None:
    replica.edit(doc, Patch(fields={"title": title}))


def test_an_older_act_is_taken_back_and_what_came_after_it_stays(replica: Replica) -> None:
    rope, tent = replica.add_task(NewTask("Rope")), replica.add_task(NewTask("Tent"))
    retitle(replica, rope, "Long rope")
    retitle(replica, tent, "Big tent")

    replica.undo(numbers(replica)["Long rope"])

    assert (replica.task(rope).title, replica.task(tent).title) == ("Rope", "Big tent")


def test_what_was_taken_back_last_is_put_back_first(replica: Replica) -> None:
    docs = [replica.add_task(NewTask(title)) for title in ("A", "B", "C")]
    for doc, title in zip(docs, ("A2", "B2", "C2"), strict=True):
        retitle(replica, doc, title)
    found = numbers(replica)
    for title in ("B2", "C2", "A2"):
        replica.undo(found[title])

    def titles() -> list[str]:
        return [replica.task(doc).title for doc in docs]

    replica.redo()
    assert titles() == ["A2", "B", "C"]
    replica.redo()
    assert titles() == ["A2", "B", "C2"]
    replica.redo()
    assert titles() == ["A2", "B2", "C2"]
    with pytest.raises(NothingToUndo):
        replica.redo()


def test_an_act_whose_writes_were_overwritten_is_refused_and_nothing_changes(
    replica: Replica,
) -> None:
    rope = replica.add_task(NewTask("Rope"))
    retitle(replica, rope, "Long rope")
    first = numbers(replica)["Long rope"]
    retitle(replica, rope, "Longer rope")

    with pytest.raises(Refused, match="changed since"):
        replica.undo(first)

    assert replica.task(rope).title == "Longer rope"


def test_an_act_is_taken_back_once(replica: Replica) -> None:
    rope = replica.add_task(NewTask("Rope"))
    retitle(replica, rope, "Long rope")
    number = numbers(replica)["Long rope"]
    replica.undo(number)

    with pytest.raises(NothingToUndo, match="already"):
        replica.undo(number)
