"""Both roles of a database keep the contract of the log; and it agrees with a naive model."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.database import CLIENT, SERVER, Database
from store.documents.initial import initial_changes
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.schema import genesis_hash, genesis_ops, object_ids
from store.domain.ids import DocId
from store.domain.stamp import Stamp
from store.log import (
    CHAIN_START,
    LogWriter,
    Verdict,
    fingerprint,
    heads,
    hold,
    position,
    release,
    rows_after,
    rows_beyond,
)
from tests.contract.log_contract import LogContract
from tests.store.building import HOME, NOW_MS, change, database, doc, first_change


class TestTheLogOfADevice(LogContract):
    @pytest.fixture
    def db(self, tmp_path: Path) -> Iterator[Database]:
        with database(tmp_path, CLIENT) as opened:
            yield opened


class TestTheLogOfAServer(LogContract):
    @pytest.fixture
    def db(self, tmp_path: Path) -> Iterator[Database]:
        with database(tmp_path, SERVER) as opened:
            yield opened


def real_change(of: DocId, *deps: bytes, actor: bytes, start_op: int) -> InspectedChange:
    """Make a change that survives being stored and inspected again."""
    (raw,) = initial_changes(
        deps=deps,
        start_op=start_op,
        actor=actor,
        objects=object_ids(of),
        fields={"title": "Rope"},
        map_entries={},
        text="",
        stamp=Stamp("Bob", "phone", NOW_MS),
    )
    return inspect_change(raw)


def test_what_waited_comes_out_causes_first_once_their_cause_is_here(tmp_path: Path) -> None:
    rope = doc("rope")
    one = real_change(rope, genesis_hash(rope), actor=b"a" * 16, start_op=genesis_ops(rope) + 1)
    two = real_change(rope, one.hash, actor=b"b" * 16, start_op=one.max_op + 1)
    three = real_change(rope, two.hash, actor=b"c" * 16, start_op=two.max_op + 1)
    lost = real_change(rope, b"x" * 32, actor=b"d" * 16, start_op=9)
    with database(tmp_path) as db, db.write() as conn:
        for waits in (three, two, lost):
            hold(conn, HOME, rope, waits, waits.deps, origin="bob", now_ms=NOW_MS)
        assert release(conn, HOME, rope) == []

        with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
            log.append(rope, one, origin="bob")
            freed = release(conn, HOME, rope)
            verdicts = [log.append(rope, each.change, origin=each.origin) for each in freed]

        assert [each.change for each in freed] == [two, three]
        assert {each.verdict for each in verdicts} == {Verdict.ACCEPTED}
        assert conn.execute("SELECT hash FROM waiting").fetchall() == [(lost.hash,)]


def test_one_transaction_that_fails_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    rope = doc("rope")
    with database(tmp_path) as db:

        def append_and_fail() -> None:
            with db.write() as conn:
                with LogWriter(conn, HOME, now_ms=NOW_MS) as log:
                    log.append(rope, first_change(rope), origin=None)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            append_and_fail()
        with db.read() as conn:
            assert position(conn, HOME).seq == 0
            assert heads(conn, rope) == ()


# A history: for each change its document, its actor, and which of the earlier ones it follows.
histories = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sets(st.integers(0, 40), max_size=3)),
    max_size=25,
)


def made(history: list[tuple[int, int, set[int]]]) -> list[tuple[DocId, InspectedChange]]:
    """Make the changes of a history; the numbers of each actor in a document count up."""
    by_doc: dict[DocId, list[InspectedChange]] = {}
    changes = []
    for number, actor, follows in history:
        of = doc(f"document {number}")
        earlier = by_doc.setdefault(of, [])
        deps = {earlier[n % len(earlier)].hash for n in follows} if earlier else set()
        name = b"actor %d" % actor
        seq = 1 + sum(one.actor == name for one in earlier)
        made_now = change(*sorted(deps or {genesis_hash(of)}), actor=name, seq=seq)
        earlier.append(made_now)
        changes.append((of, made_now))
    return changes


@settings(max_examples=60, deadline=None)
@given(history=histories, order=st.randoms(use_true_random=False))
def test_the_log_agrees_with_a_naive_model_whatever_the_order_of_delivery(
    history: list[tuple[int, int, set[int]]], order: Random
) -> None:
    changes = made(history)
    delivered = [*changes, *changes]
    order.shuffle(delivered)
    accepted: list[tuple[DocId, InspectedChange]] = []

    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as db:
        pending = delivered
        while pending:  # what lacks its deps comes again, in another transaction
            again = []
            with db.write() as conn, LogWriter(conn, HOME, now_ms=NOW_MS) as log:
                for of, each in pending:
                    verdict = log.append(of, each, origin=None).verdict
                    if verdict is Verdict.MISSING_DEPS:
                        again.append((of, each))
                    elif verdict is Verdict.ACCEPTED:
                        accepted.append((of, each))
            assert len(again) < len(pending)
            pending = again

        with db.read() as conn:
            end = position(conn, HOME)
            rows = rows_after(conn, HOME, 0, rows_max=100, bytes_max=1 << 20)
            assert [(row.doc, row.hash) for row in rows] == [
                (of, each.hash) for of, each in accepted
            ]
            assert sorted(each.hash for _, each in accepted) == sorted(c.hash for _, c in changes)
            assert end.chain == naive_chain(accepted)
            assert fingerprint(conn, HOME, "", "\x7f") == (
                end.heads_digest,
                len({of for of, _ in changes}),
            )
            assert end.heads_digest == naive_digest(changes)
            for of in {of for of, _ in changes}:
                assert heads(conn, of) == naive_heads(of, changes)
                for _, have in [pair for pair in changes if pair[0] == of]:
                    lacking = {row.hash for row in rows_beyond(conn, HOME, of, [have.hash])}
                    assert lacking == naive_beyond(of, have, changes)


def naive_chain(accepted: list[tuple[DocId, InspectedChange]]) -> bytes:
    chain = CHAIN_START
    for _, each in accepted:
        chain = hashlib.sha256(chain + each.hash).digest()
    return chain


def naive_heads(of: DocId, changes: list[tuple[DocId, InspectedChange]]) -> tuple[bytes, ...]:
    followed = {dep for _, each in changes for dep in each.deps}
    return tuple(sorted(c.hash for d, c in changes if d == of and c.hash not in followed))


def naive_digest(changes: list[tuple[DocId, InspectedChange]]) -> bytes:
    total = sum(
        int.from_bytes(
            hashlib.sha256(of.encode() + b"".join(naive_heads(of, changes))).digest(), "big"
        )
        for of in {of for of, _ in changes}
    )
    return (total % 2**256).to_bytes(32, "big")


def naive_beyond(
    of: DocId, have: InspectedChange, changes: list[tuple[DocId, InspectedChange]]
) -> set[bytes]:
    by_hash = {each.hash: each for d, each in changes if d == of}
    covered, front = set(), [have.hash]
    while front:
        one = front.pop()
        if one in by_hash and one not in covered:
            covered.add(one)
            front += by_hash[one].deps
    return set(by_hash) - covered
