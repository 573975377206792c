"""What waits to be sent, by name: of shared spaces only, longest first, and only so many."""

from pathlib import Path

from store import peers
from store.commands.patches import NewTask
from store.domain.ids import SpaceId
from store.replica import Replica


def test_nothing_of_a_local_space_waits(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "home") as replica:
        replica.add_task(NewTask("Buy rope"))

        assert replica.waiting().count == 0


def test_what_waits_is_named_as_far_as_asked_and_counted(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "home") as replica:
        space = SpaceId(replica.space("Personal").id)
        with replica.db.write() as conn:
            peers.attach_peer(conn, "p", space, url="https://hut.example", token="t", role="owner")
        docs = [replica.add_task(NewTask(title)) for title in ("Rope", "Stove", "Map")]

        told = replica.waiting(2)

        assert [each.title for each in told.items] == ["Rope", "Stove"]
        assert (told.items[0].id, told.items[0].kind, told.items[0].space) == (
            docs[0],
            "task",
            "Personal",
        )
        assert told.count == 3
