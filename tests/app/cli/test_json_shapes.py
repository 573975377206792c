"""Rows become the contract's JSON, key by key."""

import json

from app import json_shapes
from store.rows import Digest, PeerRow, RefusalRow, SearchHit, SpaceRow, Status, VersionRow
from tests.app.cli.conftest import keys
from tests.app.cli.rows import (
    MORNING_MS,
    conflict_row,
    event_row,
    note_row,
    settled_by,
    side,
    task_row,
)


def test_a_moment_is_rfc_3339_in_utc_with_whole_seconds() -> None:
    assert json_shapes.moment(MORNING_MS) == "2026-11-23T08:49:03Z"
    assert json_shapes.moment(MORNING_MS + 999) == "2026-11-23T08:49:03Z"
    assert json_shapes.moment(0) == "1970-01-01T00:00:00Z"
    assert json_shapes.moment(None) is None


def test_the_last_moment_that_can_be_written_is_written() -> None:
    assert json_shapes.moment(253_402_300_799_999) == "9999-12-31T23:59:59Z"


def test_a_task_has_the_contracts_keys_in_its_order() -> None:
    task = json_shapes.task(task_row(tags=("climb",), events=(event_row("done"),)))

    assert list(task) == keys(
        "id kind space title state due priority list assignee tags parent order repeat body trashed"
        " created_at updated_at sync conflicts events"
    )
    assert list(task["events"][0]) == keys("id type at author device reason applied why")
    assert task["tags"] == ["climb"]
    assert task["created_at"] == "2026-11-23T08:49:03Z"


def test_a_note_has_the_contracts_keys_in_its_order() -> None:
    assert list(json_shapes.note(note_row())) == keys(
        "id kind space title body tags pinned trashed created_at updated_at sync conflicts"
    )


def test_an_item_is_shaped_by_what_it_is() -> None:
    assert json_shapes.item(task_row())["kind"] == "task"
    assert json_shapes.item(note_row())["kind"] == "note"


def test_a_conflict_has_the_contracts_keys_and_all_sides() -> None:
    row = conflict_row(side("2026-11-24", shown=True), side(None, "Bob"))

    conflict = json_shapes.conflict(row)

    assert list(conflict) == keys("id doc_id title kind field base sides settled")
    assert [list(each) for each in conflict["sides"]] == [
        ["value", "author", "device", "at", "shown"]
    ] * 2
    assert conflict["settled"] is None


def test_a_settled_conflict_says_who_took_what_and_when() -> None:
    row = conflict_row(side("a"), side("b"), settled=settled_by("Bob", "b"))

    assert json_shapes.conflict(row)["settled"] == {
        "by": "Bob",
        "device": "laptop",
        "at": "2026-11-23T08:49:03Z",
        "value": "b",
    }


def test_status_lists_its_peers_with_the_contracts_keys() -> None:
    peer = PeerRow(
        "p", "Hut", "https://hut", "server", "synced", 2, MORNING_MS, MORNING_MS, None, None
    )
    status = json_shapes.status(Status("pending", 2, 0, 1, MORNING_MS, None, (peer,)))

    assert list(status) == keys("state pending parked conflicts last_synced_at retry_at peers")
    assert list(status["peers"][0]) == keys("url kind state push_pending last_seen_at device")


def test_the_small_shapes_have_the_contracts_keys() -> None:
    assert list(json_shapes.search_hit(SearchHit("n1", "note", "Rope", "…", 1.5))) == (
        keys("id kind title snippet score")
    )
    assert list(json_shapes.version(VersionRow("ab", "Ada", "phone", 0, "made"))) == (
        keys("version author device at summary")
    )
    assert list(json_shapes.parked(RefusalRow("ab", "t1", "Rope", "too large", 3, 0))) == (
        keys("id doc_id reason changes")
    )
    assert list(json_shapes.digest(Digest("ab", "cd", 1, 2))) == keys("heads view docs changes")
    assert list(json_shapes.space(SpaceRow("s", "Hut", "local", True, None, None))) == (
        keys("id name kind current role url")
    )


def test_json_is_one_line_whatever_a_title_holds() -> None:
    written = json_shapes.encode({"title": "two\nlines – ü ⛰"})

    assert "\n" not in written
    assert json.loads(written) == {"title": "two\nlines – ü ⛰"}
