"""How far a row's last change has come: local, pending, synced, or in error."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import peers, queries
from store.database import Database
from store.log import LogWriter
from store.projections import project_many
from tests.store.building import (
    HOME,
    NOW_MS,
    SERVER_PEER,
    add,
    change,
    database,
    doc,
    first_change,
    log_one,
    state_of,
    tasks,
)

ROPE = doc("rope")


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
