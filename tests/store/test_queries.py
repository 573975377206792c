"""Lists, single items, marks and ids."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import peers, queries
from store.database import Database
from store.documents.state import Settled
from store.domain.errors import Ambiguous, InvalidValue, NotFound
from store.domain.ids import DocId
from store.log import LogWriter, create_space
from store.projections import project, project_many
from store.queries.making import maker_of
from store.rows import NoteRow, TaskRow
from tests.store.building import (
    HOME,
    NOW_MS,
    OTHER,
    SERVER_PEER,
    change,
    conflict,
    database,
    doc,
    event,
    first_change,
    log_one,
    state_of,
)

ROPE = doc("rope")
STOVE = doc("stove")
DIARY = doc("diary", "note")


def tasks(conn: sqlite3.Connection, view: str = "all", **filters: Any) -> list[TaskRow]:
    """List tasks on a Monday in Vienna, whose day ends at 23:00 UTC."""
    day = {"today": "2026-11-23", "day_ends_at": "2026-11-23T23:00:00Z"}
    return queries.tasks(conn, view=view, **(day | filters))


def add(conn: sqlite3.Connection, name: str, **said: Any) -> DocId:
    of = doc(name)
    fields = {key: said.pop(key) for key in ("list", "due", "parent") if key in said}
    project(conn, HOME, state_of(of, title=name, fields=fields, **said))
    return of


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


# -- marks -----------------------------------------------------------------------------------------


def attach(conn: sqlite3.Connection, *, push_seq: int = 0) -> None:
    peers.attach_peer(conn, SERVER_PEER, HOME, url="https://x", token="t", role="editor")
    peers.set_push_seq(conn, SERVER_PEER, push_seq)


def test_an_item_of_a_space_without_a_server_is_local(db: Database) -> None:
    log_one(db, ROPE)
    with db.write() as conn:
        add(conn, "rope")
        assert queries.task(conn, ROPE).sync == "local"


def test_an_item_is_pending_until_its_server_has_acknowledged_its_last_change(
    db: Database,
) -> None:
    seq = log_one(db, ROPE)
    with db.write() as conn:
        add(conn, "rope")
        attach(conn, push_seq=seq - 1)
        assert queries.task(conn, ROPE).sync == "pending"
        assert tasks(conn)[0].sync == "pending"

        peers.set_push_seq(conn, SERVER_PEER, seq)
        assert queries.task(conn, ROPE).sync == "synced"
        assert tasks(conn)[0].sync == "synced"


def test_what_came_from_the_server_is_synced_from_the_start(db: Database) -> None:
    log_one(db, ROPE, origin=SERVER_PEER)
    with db.write() as conn:
        add(conn, "rope")
        attach(conn)
        assert queries.task(conn, ROPE).sync == "synced"


def test_an_item_with_a_refused_change_is_in_error_even_if_others_are_pending(
    db: Database,
) -> None:
    log_one(db, ROPE)
    with db.write() as conn:
        add(conn, "rope")
        attach(conn)
        refused = first_change(ROPE).hash
        peers.park(
            conn, HOME, ROPE, refused, reason="r", detail=None, peer=SERVER_PEER, now_ms=NOW_MS
        )
        assert queries.task(conn, ROPE).sync == "error"


def test_without_a_server_any_peer_s_acknowledgement_counts(db: Database) -> None:
    seq = log_one(db, ROPE)
    with db.write() as conn:
        add(conn, "rope")
        for name, acknowledged in (("bob", 0), ("carol", seq)):
            peers.attach_peer(
                conn, name, HOME, url="http://lan", token="t", role="editor", kind="device"
            )
            peers.set_push_seq(conn, name, acknowledged)
        assert queries.task(conn, ROPE).sync == "synced"

        attach(conn)
        assert queries.task(conn, ROPE).sync == "pending"


logged = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([None, SERVER_PEER, "lan"])), max_size=10
)


@settings(max_examples=60, deadline=None)
@given(logged=logged, push_seq=st.integers(0, 10), parked=st.sets(st.sampled_from("abc")))
def test_marks_agree_with_a_naive_reading_of_the_log(
    logged: list[tuple[str, str | None]],
    push_seq: int,
    parked: set[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    heads: dict[str, bytes] = {}
    with database(tmp_path_factory.mktemp("home")) as db, db.write() as conn:
        attach(conn, push_seq=push_seq)
        with LogWriter(conn, HOME, now_ms=NOW_MS, server=SERVER_PEER) as log:
            for seq, (name, origin) in enumerate(logged, 1):
                of = doc(name)
                made = change(heads[name], seq=seq) if name in heads else first_change(of, seq=seq)
                assert log.append(of, made, origin=origin).seq == seq
                heads[name] = made.hash
        project_many(conn, HOME, [state_of(doc(name), title=name) for name in heads])
        for name in parked & heads.keys():
            peers.park(
                conn,
                HOME,
                doc(name),
                heads[name],
                reason="r",
                detail=None,
                peer=SERVER_PEER,
                now_ms=NOW_MS,
            )

        def naive(name: str) -> str:
            own = [n for n, (of, o) in enumerate(logged, 1) if of == name and o != SERVER_PEER]
            if name in parked:
                return "error"
            return "pending" if own and own[-1] > push_seq else "synced"

        assert {row.title: row.sync for row in tasks(conn)} == {name: naive(name) for name in heads}
        (peer,) = peers.peers(conn)
        withheld = {heads[name] for name in parked & heads.keys()}
        unsent = [
            row
            for row in conn.execute("SELECT seq, origin, hash FROM log").fetchall()
            if row[0] > push_seq and row[1] != SERVER_PEER and row[2] not in withheld
        ]
        assert peers.push_pending(conn, peer) == len(unsent)
