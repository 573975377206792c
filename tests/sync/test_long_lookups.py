"""What comes in for a long item is judged by what it names, not by reading all of that item."""

import sqlite3
from pathlib import Path

from store.commands.receiving import take_in
from store.database import SERVER
from store.documents.inspect import InspectedChange, inspect_change
from store.domain.ids import DocId
from store.log import LogWriter, hold, release
from store.replica import Replica
from sync.server.sorting import Sorted, open_document, read_rows
from tests.store.building import HOME, NOW_MS, database
from tests.support.pushes import Made, change
from tests.support.spaces import share_space

READS_ALL = "log_doc"  # the index by which an item's whole history is read


def a_history(changes: int) -> list[Made]:
    """Changes of one item that follow each other."""
    made = [change()]
    for _ in range(changes - 1):
        made.append(change(after=made[-1]))
    return made


def rows_of(made: list[Made]) -> list[tuple[DocId, InspectedChange]]:
    """Changes as a device takes them in."""
    return [(one.doc, inspect_change(one.raw)) for one in made]


def reading_all(conn: sqlite3.Connection, asked: list[str]) -> list[str]:
    """Those of some statements that read a whole history, or more."""
    return [
        statement
        for statement in asked
        if statement.startswith("SELECT") and "FROM log" in statement
        for plan in [str(conn.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall())]
        if READS_ALL in plan or "SCAN" in plan
    ]


def test_a_server_looks_up_what_a_push_names(tmp_path: Path) -> None:
    stored, new = (made := a_history(6))[:3], made[3:]
    asked: list[str] = []
    with database(tmp_path, SERVER) as db:
        with db.write() as conn, LogWriter(conn, HOME, now_ms=NOW_MS) as writer:
            for one in stored:
                writer.append(one.doc, inspect_change(one.raw), origin="bob")
        with db.read() as conn:
            group = read_rows([one.row for one in new], Sorted())
            conn.set_trace_callback(asked.append)
            document = open_document(conn, HOME, group, set())
            conn.set_trace_callback(None)
            found = reading_all(conn, asked)

    assert document is not None
    assert (document.logged, stored[-1].hash in document.known) == (3, True)
    assert found == []


def test_what_waits_is_let_go_by_what_it_follows(tmp_path: Path) -> None:
    first, second, third, *_, last = made = a_history(6)
    asked: list[str] = []
    with database(tmp_path, SERVER) as db, db.write() as conn:
        with LogWriter(conn, HOME, now_ms=NOW_MS) as writer:
            for one in (first, second):
                writer.append(one.doc, inspect_change(one.raw), origin="bob")
        for one, cause in ((third, second), (last, made[-2])):
            change_ = inspect_change(one.raw)
            hold(conn, HOME, one.doc, change_, (cause.hash,), origin="bob", now_ms=NOW_MS)
        conn.set_trace_callback(asked.append)
        released = release(conn, HOME, first.doc)
        conn.set_trace_callback(None)
        found = reading_all(conn, asked)

    assert [one.change.hash for one in released] == [third.hash]
    assert found == []


def test_a_device_reads_an_item_once_however_much_comes_of_it(tmp_path: Path) -> None:
    made = a_history(8)
    asked: list[str] = []
    with Replica.open(tmp_path / "alice") as alice:
        share_space(alice, HOME, "Home")
        alice.apply_remote(HOME, rows_of(made[:3]), origin="bob")
        with alice.act("sync") as act:
            act.conn.set_trace_callback(asked.append)
            take_in(act, HOME, rows_of(made[3:]), origin="bob")
            act.conn.set_trace_callback(None)
            found = reading_all(act.conn, asked)

    assert len(found) <= 1
