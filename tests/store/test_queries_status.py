"""Peers, what they refused, and the truth about sync that status tells."""

import sqlite3

import pytest

from store import peers, queries
from store.database import Database
from store.documents.state import Settled
from store.domain.ids import SpaceId
from store.domain.ledger.commands import SetApology
from store.ledger import outbox
from store.log import LogWriter, create_space
from store.peers import DEPENDS_ON_REFUSED, PeerState
from store.projections import project
from store.rows import Status
from tests.store.building import (
    HOME,
    NOW_MS,
    OTHER,
    SERVER_PEER,
    change,
    conflict,
    doc,
    first_change,
    log_one,
    state_of,
)

ROPE = doc("rope")


def attach(conn: sqlite3.Connection) -> None:
    peers.attach_peer(conn, SERVER_PEER, HOME, url="https://x", token="secret", role="editor")


def refuse(conn: sqlite3.Connection, change_hash: bytes, reason: str = "too-large") -> None:
    peers.park(
        conn, HOME, ROPE, change_hash, reason=reason, detail=None, peer=SERVER_PEER, now_ms=NOW_MS
    )


def status(db: Database) -> Status:
    with db.read() as conn:
        return queries.status(conn)


def test_without_a_peer_everything_is_local(db: Database) -> None:
    log_one(db, ROPE)

    assert status(db) == Status("local", 0, 0, 0, None, None, ())


def test_a_space_that_was_never_synced_is_pending_even_if_nothing_waits(db: Database) -> None:
    with db.write() as conn:
        attach(conn)

    assert (status(db).state, status(db).pending) == ("pending", 0)


def test_all_acknowledged_after_a_round_is_synced(db: Database) -> None:
    seq = log_one(db, ROPE)
    with db.write() as conn:
        attach(conn)
        peers.note_synced(conn, SERVER_PEER, NOW_MS)
    assert (status(db).state, status(db).pending) == ("pending", 1)

    with db.write() as conn:
        peers.set_push_seq(conn, SERVER_PEER, seq)

    now = status(db)
    assert (now.state, now.pending, now.last_synced_at_ms) == ("synced", 0, NOW_MS)
    (peer,) = now.peers
    assert (peer.url, peer.kind, peer.space, peer.push_pending) == (
        "https://x",
        "server",
        "Home",
        0,
    )
    assert (peer.last_seen_at_ms, peer.last_synced_at_ms) == (NOW_MS, NOW_MS)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (PeerState.SYNCING, "syncing"),
        (PeerState.RETRYING, "retrying"),
        (PeerState.OFFLINE, "offline"),
        (PeerState.AUTH_REFUSED, "attention"),
    ],
)
def test_status_says_what_the_engine_found_with_the_reason(
    db: Database, found: PeerState, said: str
) -> None:
    with db.write() as conn:
        attach(conn)
        peers.note_synced(conn, SERVER_PEER, NOW_MS)
        peers.set_state(conn, SERVER_PEER, found, error="No route.", retry_at_ms=NOW_MS + 12_000)

    now = status(db)
    assert (now.state, now.retry_at_ms) == (said, NOW_MS + 12_000)
    assert (now.peers[0].error, now.peers[0].state) == ("No route.", found)


def test_a_refused_change_needs_a_person_whatever_else_goes_on(db: Database) -> None:
    log_one(db, ROPE)
    with db.write() as conn:
        attach(conn)
        peers.set_state(conn, SERVER_PEER, PeerState.SYNCING)
        refuse(conn, first_change(ROPE).hash)

    now = status(db)
    assert (now.state, now.parked, now.pending) == ("attention", 1, 0)


def test_open_conflicts_are_counted_and_settled_ones_are_not(db: Database) -> None:
    settled = conflict(ROPE, "due", settled=Settled("Bob", "phone", NOW_MS, None))
    with db.write() as conn:
        project(conn, HOME, state_of(ROPE, conflicts=(conflict(ROPE),), settled=(settled,)))

    assert status(db).conflicts == 1


def test_the_space_that_waits_longest_says_when_all_was_last_synced(db: Database) -> None:
    with db.write() as conn:
        attach(conn)
        create_space(conn, OTHER, "Work", b"g", NOW_MS, "hosted")
        peers.attach_peer(conn, "work", OTHER, url="https://y", token="t", role="viewer")
        peers.note_synced(conn, SERVER_PEER, NOW_MS)
    assert status(db).last_synced_at_ms is None

    with db.write() as conn:
        peers.note_synced(conn, "work", NOW_MS - 5)
    assert status(db).last_synced_at_ms == NOW_MS - 5
    with db.read() as conn:
        assert queries.status(conn, HOME).last_synced_at_ms == NOW_MS


def test_a_round_that_a_killed_process_left_under_way_is_forgotten(db: Database) -> None:
    with db.write() as conn:
        attach(conn)
        peers.set_state(conn, SERVER_PEER, PeerState.SYNCING)
        peers.clear_syncing(conn)

    assert status(db).peers[0].state == "idle"


def test_an_item_is_parked_once_with_the_cause_and_all_that_depends_on_it(db: Database) -> None:
    one = first_change(ROPE)
    two = change(one.hash, seq=2)
    with db.write() as conn:
        attach(conn)
        with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
            for each in (one, two):
                log.append(ROPE, each, origin=None)
        refuse(conn, two.hash, DEPENDS_ON_REFUSED)
        refuse(conn, one.hash, "too-large")

        (row,) = peers.parked_rows(conn)
        assert (row.id, row.doc_id) == (one.hash.hex(), ROPE)
        assert (row.reason, row.changes) == ("too-large", 2)
        assert peers.parked_hashes(conn, HOME) == {one.hash, two.hash}
        assert peers.parked_rows(conn, OTHER) == []


def test_offering_again_makes_the_item_pending_until_it_is_acknowledged(db: Database) -> None:
    log_one(db, doc("before"))
    log_one(db, ROPE)
    log_one(db, doc("after"))
    with db.write() as conn:
        attach(conn)
        project(conn, HOME, state_of(ROPE))
        refuse(conn, first_change(ROPE).hash)
        peers.set_push_seq(conn, SERVER_PEER, 3)

        peers.offer_again(conn, HOME, ROPE)

        peer = peers.server_of(conn, HOME)
        assert peer is not None
        assert (peer.push_seq, peers.push_pending(conn, peer)) == (1, 2)
        assert queries.task(conn, ROPE).sync == "pending"
        peers.offer_again(conn, HOME, ROPE)  # nothing is parked any more: nothing moves
        assert peers.find_peer(conn, SERVER_PEER) == peer


def test_unparking_without_offering_leaves_the_push_cursor_alone(db: Database) -> None:
    log_one(db, ROPE)
    with db.write() as conn:
        attach(conn)
        refuse(conn, first_change(ROPE).hash)
        peers.set_push_seq(conn, SERVER_PEER, 1)
        peers.unpark(conn, HOME, ROPE)

        (peer,) = peers.peers(conn, HOME)
        assert peer.push_seq == 1
        assert peers.parked_hashes(conn, HOME) == set()


def test_a_peer_that_is_attached_again_keeps_its_cursors_and_gets_the_new_token(
    db: Database,
) -> None:
    with db.write() as conn:
        attach(conn)
        peers.set_pull_cursor(conn, SERVER_PEER, "cursor")
        peers.set_push_seq(conn, SERVER_PEER, 7)
        peers.set_state(conn, SERVER_PEER, PeerState.AUTH_REFUSED, error="Revoked.")

        peers.attach_peer(conn, SERVER_PEER, HOME, url="https://y", token="new", role="owner")

        peer = peers.find_peer(conn, SERVER_PEER)
        assert peer is not None
        assert (peer.url, peer.token, peer.role) == ("https://y", "new", "owner")
        assert (peer.pull_cursor, peer.push_seq) == ("cursor", 7)
        assert (peer.state, peer.error) == ("idle", None)


def test_what_is_kept_about_a_peer_is_read_back(db: Database) -> None:
    with db.write() as conn:
        attach(conn)
        peers.set_token(conn, SERVER_PEER, "other", "viewer")
        peers.note_seen(conn, SERVER_PEER, NOW_MS)
        peers.note_verified(conn, SERVER_PEER, NOW_MS + 1)

        peer = peers.server_of(conn, HOME)
        assert peer is not None
        assert (peer.token, peer.role) == ("other", "viewer")
        assert (peer.last_seen_at_ms, peer.verified_at_ms) == (NOW_MS, NOW_MS + 1)
        assert peer.last_synced_at_ms is None

        peers.detach_peer(conn, SERVER_PEER)
        assert peers.find_peer(conn, SERVER_PEER) is None
        assert peers.server_of(conn, HOME) is None


def test_a_token_is_not_in_what_a_log_would_show(db: Database) -> None:
    with db.write() as conn:
        attach(conn)
        assert "secret" not in repr(peers.peers(conn))


@pytest.mark.parametrize(("kind", "undecidable"), [(peers.SERVER, 0), (peers.DEVICE, 1)])
def test_what_is_asked_of_an_authority_that_there_is_not_is_told_apart(
    db: Database, kind: str, undecidable: int
) -> None:
    """Devices carry it nowhere: only a server can decide it."""
    with db.write() as conn:
        peers.attach_peer(
            conn, SERVER_PEER, HOME, url="https://x", token="secret", role="owner", kind=kind
        )
        outbox.put(conn, HOME, "k1", SetApology("Sorry"), NOW_MS)

    found = status(db)

    assert (found.state, found.pending, found.undecidable) == ("pending", 1, undecidable)


@pytest.mark.parametrize("space", [None, HOME])
def test_what_is_asked_in_a_space_that_nobody_shares_waits_too(
    db: Database, space: SpaceId | None
) -> None:
    with db.write() as conn:
        outbox.put(conn, HOME, "k1", SetApology("Sorry"), NOW_MS)

    with db.read() as conn:
        found = queries.status(conn, space)

    assert (found.state, found.pending, found.undecidable) == ("local", 1, 1)


def test_a_home_is_not_synced_while_something_asked_waits_in_another_space(db: Database) -> None:
    with db.write() as conn:
        attach(conn)
        peers.note_synced(conn, SERVER_PEER, NOW_MS)
    assert status(db).state == "synced"

    with db.write() as conn:
        create_space(conn, OTHER, "Own", bytes(16), NOW_MS, "local")
        outbox.put(conn, OTHER, "k1", SetApology("Sorry"), NOW_MS)

    found = status(db)

    assert (found.state, found.pending, found.undecidable) == ("pending", 1, 1)
