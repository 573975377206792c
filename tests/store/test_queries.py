"""Lists, single items and their ids, and conflicts, open and settled."""

import sqlite3

import pytest

from store import queries
from store.documents.state import Settled
from store.domain.errors import Ambiguous, InvalidValue, NotFound
from store.log import create_space
from store.projections import project
from store.queries.making import maker_of
from store.rows import NoteRow, TaskRow
from tests.store.building import (
    HOME,
    NOW_MS,
    OTHER,
    add,
    conflict,
    doc,
    event,
    state_of,
    tasks,
)

ROPE = doc("rope")
STOVE = doc("stove")
DIARY = doc("diary", "note")


def titles(rows: list[TaskRow] | list[NoteRow]) -> list[str]:
    return [row.title for row in rows]


# -- lists -----------------------------------------------------------------------------------------


def test_the_inbox_holds_open_tasks_that_are_in_no_list(conn: sqlite3.Connection) -> None:
    for state in ("open", "started", "blocked", "done", "cancelled"):
        add(conn, state, state=state, order=state)
    add(conn, "listed", list="Hut")
    add(conn, "trashed", trashed=True)

    assert sorted(titles(tasks(conn, "inbox"))) == ["blocked", "open", "started"]


def test_a_subtask_is_in_the_list_of_the_task_above_it(conn: sqlite3.Connection) -> None:
    hut = add(conn, "hut", list="Hut")
    roof = add(conn, "roof", parent=hut)
    add(conn, "tiles", parent=roof)
    loose = add(conn, "loose")
    add(conn, "below loose", parent=loose)
    add(conn, "orphan", parent=doc("nowhere"))

    assert sorted(titles(tasks(conn, "inbox"))) == ["below loose", "loose", "orphan"]


def test_tasks_above_each_other_in_a_circle_are_still_listed(conn: sqlite3.Connection) -> None:
    add(conn, "hen", parent=doc("egg"))
    add(conn, "egg", parent=doc("hen"), list="Hut")

    assert titles(tasks(conn, "inbox")) == []
    assert len(tasks(conn)) == 2


@pytest.mark.parametrize(
    ("due", "view"),
    [
        ("2026-11-22", "today"),
        ("2026-11-23", "today"),
        ("2026-11-24", "upcoming"),
        ("2026-11-21T08:00:00Z", "today"),
        ("2026-11-23T22:59:59Z", "today"),
        ("2026-11-23T23:00:00Z", "upcoming"),  # midnight of the 24th in Vienna
        ("2026-11-22T23:30:00Z", "today"),  # half past midnight of the 23rd there
    ],
)
def test_due_by_the_end_of_the_person_s_day_is_today_and_the_rest_upcoming(
    conn: sqlite3.Connection, due: str, view: str
) -> None:
    add(conn, "rope", due=due)
    add(conn, "no date")
    add(conn, "done", due=due, state="done")

    assert {each: titles(tasks(conn, each)) for each in ("today", "upcoming")} == {
        "today": [],
        "upcoming": [],
        view: ["rope"],
    }


def test_what_has_a_day_is_listed_by_it_and_the_rest_by_hand(conn: sqlite3.Connection) -> None:
    for place, due in enumerate(("2026-12-24", "2026-11-24T09:00:00Z", "2026-11-24", "2026-11-20")):
        add(conn, due, due=due, order=str(place))

    assert titles(tasks(conn, "upcoming")) == ["2026-11-24", "2026-11-24T09:00:00Z", "2026-12-24"]
    assert titles(tasks(conn, "today")) == ["2026-11-20"]
    assert titles(tasks(conn, "all"))[0] == "2026-12-24"


def test_all_holds_every_state_and_the_trash_only_what_is_in_it(conn: sqlite3.Connection) -> None:
    for state in ("open", "done", "cancelled"):
        add(conn, state, state=state)
    add(conn, "trashed", trashed=True, state="done")
    add(conn, "purged", trashed=True, purged=True)

    assert sorted(titles(tasks(conn))) == ["cancelled", "done", "open"]
    assert titles(tasks(conn, "trash")) == ["trashed"]


def test_a_state_asked_for_is_found_in_any_view(conn: sqlite3.Connection) -> None:
    add(conn, "done today", due="2026-11-23", state="done")
    add(conn, "open today", due="2026-11-23")

    assert titles(tasks(conn, "today", state="done")) == ["done today"]
    assert titles(tasks(conn, state="open")) == ["open today"]


def test_lists_tags_and_spaces_narrow_a_view(conn: sqlite3.Connection) -> None:
    create_space(conn, OTHER, "Work", b"g", NOW_MS, "local")
    add(conn, "a", list="Hut", tags=("climb",))
    add(conn, "b", list="Hut")
    project(conn, OTHER, state_of(doc("c"), title="c", tags=("climb",)))

    assert sorted(titles(tasks(conn, list_name="Hut"))) == ["a", "b"]
    assert sorted(titles(tasks(conn, tag="climb"))) == ["a", "c"]
    assert titles(tasks(conn, tag="climb", space=HOME)) == ["a"]
    assert {row.space for row in tasks(conn)} == {"Home", "Work"}


def test_tasks_stand_by_order_key_then_id_and_those_without_last(conn: sqlite3.Connection) -> None:
    for name, order in (("b", "a5"), ("c", None), ("a", "a1"), ("d", "a5"), ("e", None)):
        add(conn, name, order=order)

    by_id = sorted((doc("b"), doc("d"))), sorted((doc("c"), doc("e")))
    assert [row.id for row in tasks(conn)] == [doc("a"), *by_id[0], *by_id[1]]
    assert [row.id for row in tasks(conn, limit=2, offset=1)] == by_id[0]
    assert len(tasks(conn, offset=1)) == 4


def test_a_view_that_does_not_exist_is_refused_with_those_that_do(
    conn: sqlite3.Connection,
) -> None:
    with pytest.raises(InvalidValue, match="use one of inbox, today, upcoming, all, trash"):
        tasks(conn, "yesterday")
    with pytest.raises(InvalidValue, match="use all or trash"):
        queries.notes(conn, view="inbox")


def test_notes_stand_pinned_first_then_the_last_changed(conn: sqlite3.Connection) -> None:
    for name, pinned, at_ms in (("old", False, 1), ("new", False, 3), ("pinned", True, 2)):
        project(
            conn,
            HOME,
            state_of(
                doc(name, "note"),
                title=name,
                body=f"Body of {name}.",
                fields={"pinned": pinned},
                updated_at_ms=at_ms,
                tags=("hut",) if pinned else (),
            ),
        )
    project(conn, HOME, state_of(doc("gone", "note"), title="gone", trashed=True))
    add(conn, "a task")

    rows = queries.notes(conn)
    assert titles(rows) == ["pinned", "new", "old"]
    assert (rows[0].pinned, rows[0].tags) == (True, ("hut",))
    assert (rows[1].body, rows[1].snippet) == (None, "Body of new.")
    assert titles(queries.notes(conn, limit=1, offset=1)) == ["new"]
    assert titles(queries.notes(conn, tag="hut")) == ["pinned"]
    assert titles(queries.notes(conn, view="trash")) == ["gone"]


def test_a_row_made_fast_is_the_frozen_row(conn: sqlite3.Connection) -> None:
    add(conn, "rope")
    (row,) = tasks(conn)

    assert type(row) is TaskRow
    assert maker_of(TaskRow) is maker_of(TaskRow)
    with pytest.raises(AttributeError):
        row.title = "other"  # type: ignore[misc]


# -- one item --------------------------------------------------------------------------------------


def test_a_task_read_alone_has_its_body_and_events(conn: sqlite3.Connection) -> None:
    happened = (event("start"), event("done", applied=False, why="It is done already."))
    add(conn, "rope", body="Sixty metres.", events=happened, state="done")

    row = queries.task(conn, ROPE)

    assert (row.body, row.events, row.state) == ("Sixty metres.", happened, "done")
    (in_list,) = tasks(conn)
    assert (in_list.body, in_list.events) == (None, ())
    assert queries.item(conn, ROPE) == row


def test_a_note_read_alone_has_its_body(conn: sqlite3.Connection) -> None:
    project(conn, HOME, state_of(DIARY, title="Diary", body="Day 1"))

    row = queries.note(conn, DIARY)

    assert (row.kind, row.title, row.body, row.space) == ("note", "Diary", "Day 1", "Home")
    assert queries.item(conn, DIARY) == row


def test_what_is_not_there_or_purged_is_not_found(conn: sqlite3.Connection) -> None:
    add(conn, "rope", trashed=True, purged=True)
    project(conn, HOME, state_of(DIARY))

    for read, of in (
        (queries.task, ROPE),
        (queries.item, ROPE),
        (queries.note, STOVE),
        (queries.task, DIARY),
        (queries.find, ROPE),
    ):
        with pytest.raises(NotFound, match="has the id"):
            read(conn, of)


def test_an_id_is_found_by_any_unique_beginning(conn: sqlite3.Connection) -> None:
    add(conn, "rope")
    add(conn, "stove", trashed=True)
    shared = next(n for n in range(len(ROPE)) if ROPE[n] != STOVE[n])

    assert queries.find(conn, ROPE) == ROPE
    assert queries.find(conn, ROPE[: shared + 1]) == ROPE
    assert queries.find(conn, STOVE[: shared + 1]) == STOVE
    with pytest.raises(Ambiguous, match="give more of the id") as raised:
        queries.find(conn, ROPE[:shared])
    assert set(raised.value.matches) == {ROPE, STOVE}


@pytest.mark.parametrize("prefix", ["", "zz", "t1%", "_", ROPE + "a", "\0"])
def test_a_beginning_that_fits_nothing_is_not_found(conn: sqlite3.Connection, prefix: str) -> None:
    add(conn, "rope")

    with pytest.raises(NotFound):
        queries.find(conn, prefix)


def test_names_of_lists_and_tags_are_those_in_use(conn: sqlite3.Connection) -> None:
    add(conn, "a", list="hut", tags=("walk", "Climb"))
    add(conn, "b", list="Attic", tags=("climb",))
    add(conn, "c", list="Old", tags=("old",), trashed=True)

    assert queries.list_names(conn) == ["Attic", "hut"]
    assert queries.list_names(conn, OTHER) == []
    assert [name.casefold() for name in queries.tag_names(conn)] == ["climb", "climb", "walk"]


# -- conflicts -------------------------------------------------------------------------------------


def test_open_and_settled_conflicts_are_listed_apart_as_they_were_projected(
    conn: sqlite3.Connection,
) -> None:
    open_one = conflict(ROPE)
    settled = conflict(ROPE, "due", settled=Settled("Bob", "phone", NOW_MS, None))
    add(conn, "rope", conflicts=(open_one,), settled=(settled,))

    (shown,) = queries.conflicts(conn)
    (past,) = queries.conflicts(conn, settled=True)

    assert (shown.id, shown.doc_id, shown.title) == (open_one.id, ROPE, "rope")
    assert (shown.kind, shown.field, shown.base) == ("field", "title", None)
    assert (shown.sides, shown.settled) == (open_one.sides, None)
    assert past.settled == settled.settled
    assert queries.task(conn, ROPE).conflicts == (open_one.id,)
    assert tasks(conn)[0].conflicts == (open_one.id,)
    assert queries.conflicts(conn, space=OTHER) == []


def test_a_conflict_is_found_by_any_unique_beginning_open_or_settled(
    conn: sqlite3.Connection,
) -> None:
    settled = conflict(ROPE, "due", settled=Settled("Bob", "phone", NOW_MS, None))
    add(conn, "rope", settled=(settled,))

    assert queries.find_conflict(conn, settled.id[:12]) == settled.id
    with pytest.raises(NotFound, match="No conflict"):
        queries.find_conflict(conn, "cx")
