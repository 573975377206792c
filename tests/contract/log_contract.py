"""What every log must do, whichever side made its database: run by the tests of both roles."""

import hashlib
import sqlite3
from collections.abc import Iterator

import pytest

from store.database import Database
from store.documents.inspect import inspect_change
from store.documents.schema import genesis_actor, genesis_change
from store.errors import UnknownSpace
from store.log import (
    CHAIN_START,
    LogWriter,
    Verdict,
    append,
    chain_at,
    create_space,
    doc_rows,
    docs_between,
    fingerprint,
    heads,
    hold,
    position,
    release,
    rows_after,
    rows_beyond,
    waiting_docs,
)
from tests.store.building import HOME, NOW_MS, OTHER, SERVER_PEER, change, doc, first_change

ROPE = doc("rope")
STOVE = doc("stove")
ALL = ("", "\x7f")


class LogContract:
    """Subclasses give the fixture `db`: a database in which only the space `HOME` exists."""

    @pytest.fixture
    def conn(self, db: Database) -> Iterator[sqlite3.Connection]:
        with db.write() as conn:
            yield conn

    def test_an_empty_log_begins_with_a_chain_of_zeros(self, conn: sqlite3.Connection) -> None:
        start = position(conn, HOME)

        assert (start.generation, start.seq, start.chain) == (b"generation", 0, CHAIN_START)
        assert start.heads_digest == bytes(32)
        assert chain_at(conn, HOME, 0) == CHAIN_START

    def test_a_space_that_is_not_here_is_an_error_that_says_so(
        self, conn: sqlite3.Connection
    ) -> None:
        with pytest.raises(UnknownSpace, match="join it first"):
            position(conn, OTHER)

    def test_every_row_is_chained_to_the_one_before(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE)
        two = change(one.hash, seq=2)
        for seq, each in enumerate((one, two), 1):
            assert append(conn, HOME, ROPE, each, origin=None, now_ms=NOW_MS).seq == seq

        first = hashlib.sha256(CHAIN_START + one.hash).digest()
        second = hashlib.sha256(first + two.hash).digest()
        assert [chain_at(conn, HOME, seq) for seq in (1, 2, 3)] == [first, second, None]
        assert position(conn, HOME).chain == second

    def test_a_known_hash_takes_no_new_sequence_number(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE)
        append(conn, HOME, ROPE, one, origin=None, now_ms=NOW_MS)
        before = position(conn, HOME)

        again = append(conn, HOME, ROPE, one, origin="bob", now_ms=NOW_MS + 1)

        assert (again.verdict, again.seq) == (Verdict.DUPLICATE, None)
        assert position(conn, HOME) == before

    def test_a_change_whose_deps_are_not_here_names_them(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE)
        two = change(one.hash, seq=2)

        early = append(conn, HOME, ROPE, two, origin="bob", now_ms=NOW_MS)

        assert (early.verdict, early.missing) == (Verdict.MISSING_DEPS, (one.hash,))
        assert heads(conn, ROPE) == ()

    def test_deps_are_looked_for_in_the_same_document_only(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE)
        append(conn, HOME, ROPE, one, origin=None, now_ms=NOW_MS)

        strange = append(conn, HOME, STOVE, change(one.hash, seq=2), origin="bob", now_ms=NOW_MS)

        assert strange.verdict is Verdict.MISSING_DEPS

    def test_a_second_change_under_one_number_of_an_actor_is_quarantined_with_its_sender(
        self, conn: sqlite3.Connection
    ) -> None:
        append(conn, HOME, ROPE, first_change(ROPE), origin=None, now_ms=NOW_MS)
        lie = first_change(ROPE, says=b"something else")

        for _ in range(2):
            answer = append(conn, HOME, ROPE, lie, origin="mallory", now_ms=NOW_MS)
            assert answer.verdict is Verdict.EQUIVOCATION

        kept = conn.execute("SELECT hash, reason, sender, bytes FROM quarantine").fetchall()
        assert kept == [(lie.hash, "equivocation", "mallory", lie.raw)]
        assert position(conn, HOME).seq == 1

    def test_two_documents_may_have_the_same_actor(self, conn: sqlite3.Connection) -> None:
        for each in (ROPE, STOVE):
            answer = append(conn, HOME, each, first_change(each), origin=None, now_ms=NOW_MS)
            assert answer.verdict is Verdict.ACCEPTED

    def test_a_received_genesis_is_known_already(self, conn: sqlite3.Connection) -> None:
        genesis = inspect_change(genesis_change(ROPE))

        answer = append(conn, HOME, ROPE, genesis, origin="bob", now_ms=NOW_MS)

        assert answer.verdict is Verdict.DUPLICATE
        assert position(conn, HOME).seq == 0

    def test_another_beginning_of_a_document_is_refused(self, conn: sqlite3.Connection) -> None:
        own_beginning = change()
        genesis_of_another = inspect_change(genesis_change(STOVE))

        for each in (own_beginning, genesis_of_another):
            answer = append(conn, HOME, ROPE, each, origin="mallory", now_ms=NOW_MS)
            assert answer.verdict is Verdict.BAD_GENESIS

    def test_nobody_writes_as_the_actor_of_the_genesis(self, conn: sqlite3.Connection) -> None:
        stolen = first_change(ROPE, actor=genesis_actor(ROPE), seq=2)

        answer = append(conn, HOME, ROPE, stolen, origin="mallory", now_ms=NOW_MS)

        assert answer.verdict is Verdict.BAD_GENESIS

    def test_a_document_stays_in_the_space_that_it_was_made_in(
        self, conn: sqlite3.Connection
    ) -> None:
        create_space(conn, OTHER, "Other", b"other", NOW_MS, "local")
        one = first_change(ROPE)
        append(conn, HOME, ROPE, one, origin=None, now_ms=NOW_MS)

        stolen = append(conn, OTHER, ROPE, one, origin="mallory", now_ms=NOW_MS)

        assert stolen.verdict is Verdict.OTHER_SPACE
        assert position(conn, OTHER).seq == 0

    def test_concurrent_changes_are_all_heads_until_one_follows_them(
        self, conn: sqlite3.Connection
    ) -> None:
        ours, theirs = first_change(ROPE, actor=b"alice"), first_change(ROPE, actor=b"bob")
        for each in (ours, theirs):
            append(conn, HOME, ROPE, each, origin=None, now_ms=NOW_MS)
        assert heads(conn, ROPE) == tuple(sorted((ours.hash, theirs.hash)))

        merge = change(ours.hash, theirs.hash, actor=b"alice", seq=2)
        append(conn, HOME, ROPE, merge, origin=None, now_ms=NOW_MS)

        assert heads(conn, ROPE) == (merge.hash,)

    def test_the_log_knows_whether_a_document_ever_had_concurrent_changes(
        self, conn: sqlite3.Connection
    ) -> None:
        one = first_change(STOVE)
        append(conn, HOME, STOVE, one, origin=None, now_ms=NOW_MS)
        append(conn, HOME, STOVE, change(one.hash, seq=2), origin=None, now_ms=NOW_MS)
        for actor in (b"alice", b"bob"):
            append(conn, HOME, ROPE, first_change(ROPE, actor=actor), origin=None, now_ms=NOW_MS)

        linear = dict(conn.execute("SELECT id, is_linear FROM doc").fetchall())

        assert linear == {STOVE: 1, ROPE: 0}

    def test_the_fingerprint_of_all_documents_is_the_heads_digest(
        self, conn: sqlite3.Connection
    ) -> None:
        for each in (ROPE, STOVE):
            append(conn, HOME, each, first_change(each), origin=None, now_ms=NOW_MS)

        assert fingerprint(conn, HOME, *ALL) == (position(conn, HOME).heads_digest, 2)
        listed = docs_between(conn, HOME, *ALL, limit=10)
        assert listed == [(each, heads(conn, each)) for each in sorted((ROPE, STOVE))]
        assert docs_between(conn, HOME, *ALL, limit=1) == listed[:1]

    def test_a_range_of_ids_includes_its_lower_end_and_not_its_upper(
        self, conn: sqlite3.Connection
    ) -> None:
        low, high = sorted((ROPE, STOVE))
        for each in (low, high):
            append(conn, HOME, each, first_change(each), origin=None, now_ms=NOW_MS)

        assert fingerprint(conn, HOME, low, high)[1] == 1
        assert [each for each, _ in docs_between(conn, HOME, low, high, 9)] == [low]

    def test_rows_come_back_as_they_were_appended(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE, person="Kit")
        append(conn, HOME, ROPE, one, origin="bob", now_ms=NOW_MS + 5)

        (row,) = rows_after(conn, HOME, 0, rows_max=9, bytes_max=1 << 20)

        assert (row.type, row.doc, row.hash, row.bytes) == ("change", ROPE, one.hash, one.raw)
        assert (row.deps, row.actor, row.actor_seq) == (one.deps, one.actor, 1)
        assert (row.person, row.device, row.at_ms) == ("Kit", "laptop", NOW_MS)
        assert (row.origin, row.received_at_ms) == ("bob", NOW_MS + 5)
        assert (row.start_op, row.ops, row.chain) == (9, 2, chain_at(conn, HOME, 1))

    def test_reading_on_stops_at_either_limit_but_always_gives_a_row(
        self, conn: sqlite3.Connection
    ) -> None:
        for number in range(4):
            each = doc(str(number))
            append(conn, HOME, each, first_change(each), origin=None, now_ms=NOW_MS)
        size = len(first_change(ROPE).raw)

        def read(after: int, rows_max: int, bytes_max: int) -> list[int]:
            rows = rows_after(conn, HOME, after, rows_max=rows_max, bytes_max=bytes_max)
            return [row.seq for row in rows]

        assert read(1, 2, 1 << 20) == [2, 3]
        assert read(0, 9, 3 * size) == [1, 2, 3]
        assert read(2, 9, 1) == [3]
        assert read(4, 9, 1 << 20) == []

    def test_of_one_document_more_rows_are_read_at_once_than_of_several(
        self, conn: sqlite3.Connection
    ) -> None:
        before = first_change(ROPE)
        append(conn, HOME, ROPE, before, origin=None, now_ms=NOW_MS)
        for number in range(2, 6):  # rows 2 to 5
            before = change(before.hash, seq=number)
            append(conn, HOME, ROPE, before, origin=None, now_ms=NOW_MS)
        tent = doc("tent")
        append(conn, HOME, tent, first_change(tent), origin=None, now_ms=NOW_MS)
        after = change(before.hash, seq=6)
        append(conn, HOME, ROPE, after, origin=None, now_ms=NOW_MS)

        def read(after: int, rows_max: int, rows_of_one_max: int) -> list[int]:
            rows = rows_after(
                conn,
                HOME,
                after,
                rows_max=rows_max,
                rows_of_one_max=rows_of_one_max,
                bytes_max=1 << 20,
            )
            return [row.seq for row in rows]

        assert read(0, 2, 4) == [1, 2, 3, 4]
        assert read(0, 2, 9) == [1, 2, 3, 4, 5]
        assert read(4, 2, 9) == [5, 6]  # the next one is of the first document again
        assert read(0, 6, 9) == [1, 2, 3, 4, 5, 6]
        assert read(0, 6, 6) == [1, 2, 3, 4, 5, 6]

    def test_what_came_from_a_peer_is_not_offered_to_it(self, conn: sqlite3.Connection) -> None:
        for name, origin in (("a", "bob"), ("b", None), ("c", "carol")):
            each = doc(name)
            append(conn, HOME, each, first_change(each), origin=origin, now_ms=NOW_MS)

        rows = rows_after(conn, HOME, 0, rows_max=9, bytes_max=1 << 20, not_from="bob")

        assert [row.origin for row in rows] == [None, "carol"]

    def test_only_what_a_peer_lacks_of_a_document_is_beyond_its_heads(
        self, conn: sqlite3.Connection
    ) -> None:
        one = first_change(ROPE)
        ours, theirs = change(one.hash, seq=2), change(one.hash, actor=b"bob")
        merge = change(ours.hash, theirs.hash, seq=3)
        for each in (one, ours, theirs, merge):
            append(conn, HOME, ROPE, each, origin=None, now_ms=NOW_MS)

        def beyond(*have: bytes) -> list[bytes]:
            return [row.hash for row in rows_beyond(conn, HOME, ROPE, have)]

        assert beyond() == [one.hash, ours.hash, theirs.hash, merge.hash]
        assert beyond(ours.hash) == [theirs.hash, merge.hash]
        assert beyond(merge.hash) == []
        assert beyond(b"unknown", one.hash) == [ours.hash, theirs.hash, merge.hash]

    def test_only_what_the_server_has_not_sent_counts_as_own(
        self, conn: sqlite3.Connection
    ) -> None:
        own_seq = "SELECT own_seq FROM doc WHERE id = ?"
        one = first_change(ROPE)
        with LogWriter(conn, HOME, now_ms=NOW_MS, server=SERVER_PEER) as log:
            log.append(ROPE, one, origin=SERVER_PEER)
        assert conn.execute(own_seq, (ROPE,)).fetchone() == (0,)

        two = change(one.hash, seq=2)
        with LogWriter(conn, HOME, now_ms=NOW_MS, server=SERVER_PEER) as log:
            log.append(ROPE, two, origin="a device on the LAN")
            log.append(ROPE, change(two.hash, seq=3), origin=SERVER_PEER)

        assert conn.execute(own_seq, (ROPE,)).fetchone() == (2,)

    def test_holding_a_change_twice_is_the_same_as_once(self, conn: sqlite3.Connection) -> None:
        one = first_change(ROPE)
        two = change(one.hash, seq=2)
        hold(conn, HOME, ROPE, two, (one.hash,), origin="bob", now_ms=NOW_MS)
        hold(conn, HOME, ROPE, two, (one.hash,), origin="bob", now_ms=NOW_MS + 1)

        assert waiting_docs(conn, HOME) == [ROPE]
        assert conn.execute("SELECT count(*) FROM waiting").fetchone() == (1,)
        assert release(conn, HOME, STOVE) == []

    def test_a_withdrawn_change_and_what_follows_it_are_out_of_the_document(
        self, conn: sqlite3.Connection
    ) -> None:
        one = first_change(ROPE)
        two = change(one.hash, seq=2)
        three = change(two.hash, seq=3)
        aside = change(one.hash, actor=b"bob")
        for each in (one, two, three, aside):
            append(conn, HOME, ROPE, each, origin=None, now_ms=NOW_MS)

        with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
            assert log.withdraw(ROPE, [two.hash]) == {two.hash, three.hash}

        assert heads(conn, ROPE) == (aside.hash,)
        assert [row.hash for row in doc_rows(conn, ROPE)] == [one.hash, aside.hash]
        offered = rows_after(conn, HOME, 0, rows_max=9, bytes_max=1 << 20)
        assert [row.seq for row in offered] == [1, 4]
        assert fingerprint(conn, HOME, *ALL) == (position(conn, HOME).heads_digest, 1)
        assert position(conn, HOME).seq == 4

    def test_a_document_with_all_changes_withdrawn_counts_nowhere(
        self, conn: sqlite3.Connection
    ) -> None:
        one = first_change(ROPE)
        append(conn, HOME, ROPE, one, origin=None, now_ms=NOW_MS)

        with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
            log.withdraw(ROPE, [one.hash])

        assert fingerprint(conn, HOME, *ALL) == (bytes(32), 0)
        assert position(conn, HOME).heads_digest == bytes(32)
        assert docs_between(conn, HOME, *ALL, limit=9) == []

    def test_a_withdrawn_change_that_a_peer_sends_is_part_of_the_document_again(
        self, conn: sqlite3.Connection
    ) -> None:
        one = first_change(ROPE)
        two = change(one.hash, seq=2)
        append(conn, HOME, ROPE, one, origin=None, now_ms=NOW_MS)
        with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
            log.withdraw(ROPE, [one.hash])
            assert log.append(ROPE, two, origin="bob").verdict is Verdict.MISSING_DEPS

            adopted = log.append(ROPE, one, origin="bob")
            follows = log.append(ROPE, two, origin="bob")

        assert (adopted.verdict, follows.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
        assert heads(conn, ROPE) == (two.hash,)
        assert fingerprint(conn, HOME, *ALL) == (position(conn, HOME).heads_digest, 1)
