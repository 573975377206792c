"""Changes that a server refused: listed, and three ways out."""

from pathlib import Path

import pytest

from store import log, peers
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from tests.app.cli.conftest import Cairn, keys

SERVER = "https://hut.example"


def refuse(home: Path, item: str, *, from_change: int) -> None:
    """Let a server have refused an item's changes from a number on, counted from 0."""
    with Replica.open(home) as replica:
        space = SpaceId(replica.space("Personal").id)
        doc = DocId(item)
        with replica.db.write() as conn:
            peers.attach_peer(conn, "pserver", space, url=SERVER, token="t", role="owner")
            for row in log.doc_rows(conn, doc)[from_change:]:
                peers.park(
                    conn,
                    space,
                    doc,
                    row.hash,
                    reason="too-large",
                    detail="The change is too large.",
                    peer="pserver",
                    now_ms=0,
                )


@pytest.fixture
def refused(cairn: Cairn, home: Path) -> str:
    """A task whose second change, a new title, was refused."""
    task: str = cairn("add", "Buy rope", "--json").value["id"]
    cairn("edit", task, "--title", "Sell rope")
    refuse(home, task, from_change=1)
    return task


def test_refused_changes_are_listed_with_the_reason(cairn: Cairn, refused: str) -> None:
    (parked,) = cairn("parked", "--json").value

    assert list(parked) == keys("id doc_id reason changes")
    assert (parked["doc_id"], parked["changes"]) == (refused, 1)
    assert parked["reason"] == "The change is too large."
    shown = cairn("parked").out
    for part in ("Sell rope", "1 change", "too large", "takeback"):
        assert part in shown
    assert cairn("show", refused, "--json").value["sync"] == "error"
    assert cairn("status", "--json").value["parked"] == 1


def test_what_is_refused_stands_among_the_conflicts_with_its_own_ways_out(
    cairn: Cairn, refused: str
) -> None:
    (row,) = cairn("conflicts", "--json").value

    assert list(row) == keys("id doc_id title kind field base sides settled")
    assert (row["kind"], row["doc_id"], row["title"]) == ("refused", refused, "Sell rope")
    mine, theirs = row["sides"]
    assert (mine["value"], mine["shown"]) == ("Sell rope", True)
    assert (theirs["value"], theirs["shown"]) == ("The change is too large.", False)
    assert [each["id"] for each in cairn("parked", "--json").value] == [row["id"]]
    assert "takeback" in cairn("conflicts").out
    assert cairn("conflicts", "--settled", "--json").value == []
    said = cairn("resolve", row["id"], "--take", "0", "--json")
    assert (said.status, said.error["type"]) == (1, "refused")
    assert "cairn retry" in said.error["detail"]


def test_refused_changes_of_one_space_are_listed_apart(cairn: Cairn, refused: str) -> None:
    cairn("space", "create", "Hut")

    for listed in ("parked", "conflicts"):
        assert cairn("--space", "Hut", listed, "--json").value == []
        (row,) = cairn("--space", "Personal", listed, "--json").value
        assert row["doc_id"] == refused


@pytest.mark.parametrize("named_by", ["id", "doc_id"])
def test_a_retry_sends_them_again_with_the_next_sync(
    cairn: Cairn, refused: str, named_by: str
) -> None:
    (parked,) = cairn("parked", "--json").value

    retried = cairn("retry", parked[named_by][:10], "--json").value

    assert (retried["id"], retried["title"]) == (refused, "Sell rope")


def test_a_takeback_gives_the_item_as_it_was_before(cairn: Cairn, refused: str) -> None:
    taken_back = cairn("takeback", refused, "--json").value

    assert (taken_back["id"], taken_back["title"]) == (refused, "Buy rope")
    assert cairn("parked", "--json").value == []


def test_a_salvage_saves_what_was_refused_as_a_new_item(cairn: Cairn, refused: str) -> None:
    saved = cairn("salvage", refused, "--json").value

    assert saved["id"] != refused
    assert saved["title"] == "Sell rope"
    assert cairn("show", refused, "--json").value["title"] == "Buy rope"


def test_a_new_item_that_was_refused_whole_is_taken_back_too(cairn: Cairn, home: Path) -> None:
    task = cairn("add", "Buy rope", "--json").value["id"]
    refuse(home, task, from_change=0)

    taken_back = cairn("takeback", task, "--json")

    assert taken_back.status == 0
    assert taken_back.value["id"] == task
    assert cairn("tasks", "--json").value == []


def test_a_new_item_that_was_refused_whole_is_salvaged_too(cairn: Cairn, home: Path) -> None:
    task = cairn("add", "Buy rope #climb", "--json").value["id"]
    refuse(home, task, from_change=0)

    saved = cairn("salvage", task, "--json").value

    assert (saved["title"], saved["tags"]) == ("Buy rope", ["climb"])
    assert [each["id"] for each in cairn("tasks", "--json").value] == [saved["id"]]


def test_a_text_that_was_taken_back_is_kept_until_somebody_looks(cairn: Cairn, home: Path) -> None:
    body = home.parent / "body.md"
    body.write_text("Two.\n", encoding="utf-8")
    note = cairn("note", "Log", "--json").value["id"]
    cairn("edit", note, "--body", str(body))
    refuse(home, note, from_change=1)
    cairn("takeback", note)

    (kept,) = cairn("drafts", "--json").value

    assert list(kept) == keys("doc_id title at text")
    assert (kept["doc_id"], kept["title"], kept["text"]) == (note, "Log", "Two.\n")
    assert "Two." in cairn("drafts").out
    assert cairn("drafts", note[:10], "--json").value == kept
    assert cairn("show", note, "--json").value["body"] == ""
    for wrong in (("drafts", "--use"), ("drafts", note, "--use", "--drop")):
        assert cairn(*wrong).status == 2
    assert cairn("drafts", "zzz").status == 1

    assert cairn("drafts", note, "--use", "--json").value["body"] == "Two.\n"
    assert cairn("drafts", "--json").value == []


def test_a_text_that_was_taken_back_is_thrown_away(cairn: Cairn, home: Path) -> None:
    body = home.parent / "body.md"
    body.write_text("Two.\n", encoding="utf-8")
    note = cairn("note", "Log", "--body", str(body), "--json").value["id"]
    refuse(home, note, from_change=0)
    cairn("takeback", note)

    assert cairn("drafts", note, "--drop", "--json").value["title"] is None
    assert cairn("drafts", "--json").value == []
