"""What a server takes in, what it refuses, and that one bad row never takes others along."""

import os

import pytest

from store.documents.schema import genesis_actor, genesis_change, genesis_hash
from sync.protocol import messages as m
from sync.server import limits
from tests.support.asking import Member, create_space
from tests.support.memory_server import MemoryServer
from tests.support.pushes import Made, change, flipped, some_doc


async def test_a_pushed_change_is_in_the_log_when_the_answer_comes(
    alice: Member, server: MemoryServer
) -> None:
    rope = change()

    answer = await alice.push(rope)

    with server.db.read() as conn:
        stored = conn.execute("SELECT hash, bytes, origin FROM log").fetchall()
    assert (answer.accepted, answer.seq) == (1, 1)
    assert stored == [(rope.hash, rope.raw, alice.replica)]


async def test_a_known_change_takes_no_new_sequence(alice: Member, bob: Member) -> None:
    rope = change()
    await alice.push(rope)

    for member in (alice, bob):
        again = await member.push(rope, rope)
        assert (again.accepted, again.duplicate, again.seq) == (0, 2, 1)


async def test_the_genesis_is_known_and_never_stored(alice: Member) -> None:
    doc = some_doc()
    genesis = m.Row("change", doc, genesis_hash(doc), genesis_change(doc))

    answer = await alice.push(genesis, change(doc))

    assert (answer.accepted, answer.duplicate) == (1, 1)


async def test_changes_keep_the_senders_order(alice: Member, bob: Member) -> None:
    first, other = change(), change()
    second = change(after=first, key="due")

    await alice.push(first, other, second)

    assert [row.hash for row in (await bob.pull()).rows] == [first.hash, other.hash, second.hash]


async def test_a_change_whose_deps_are_not_here_is_missing_them(alice: Member) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")

    answer = await alice.push(second, third, change())

    assert answer.accepted == 1
    assert answer.missing == [
        m.MissingDeps(second.hash, second.doc, [first.hash]),
        m.MissingDeps(third.hash, third.doc, [second.hash]),
    ]
    whole = await alice.push(first, second, third)
    assert (whole.accepted, whole.missing) == (3, [])


def bad_rows() -> dict[str, tuple[m.Row, str]]:
    """Rows that are refused, by what is wrong with them, and the type of the refusal."""
    good = change()
    other = change()
    doc = some_doc()
    no_genesis = change(doc, deps=[])
    impostor = change(doc, actor=genesis_actor(doc), seq=2)
    return {
        "a flipped bit": (flipped(good.row), "checksum"),
        "a cut": (m.Row("change", good.doc, good.hash, good.raw[:-1]), "malformed"),
        "nothing": (m.Row("change", good.doc, good.hash, b""), "malformed"),
        "no change at all": (m.Row("change", good.doc, good.hash, b"hello"), "malformed"),
        "too much": (m.Row("change", good.doc, good.hash, os.urandom((1 << 20) + 1)), "too-large"),
        "another hash": (m.Row("change", good.doc, other.hash, good.raw), "wrong-hash"),
        "no document": (m.Row("change", "rope", good.hash, good.raw), "bad-document"),
        "a future kind": (
            m.Row("change", "x1" + good.doc[2:], good.hash, good.raw),
            "bad-document",
        ),
        "a future type": (m.Row("ledger", good.doc, good.hash, good.raw), "unknown-row-type"),
        "no genesis": (no_genesis.row, "bad-genesis"),
        "another genesis": (impostor.row, "bad-genesis"),
    }


@pytest.mark.parametrize("what", bad_rows())
async def test_a_bad_row_is_refused_with_its_reason_and_the_rest_of_the_push_lives(
    alice: Member, what: str
) -> None:
    bad, reason = bad_rows()[what]
    before, behind = change(), change()

    answer = await alice.push(before, bad, behind)

    assert answer.accepted == 2
    (refused,) = answer.refused
    assert (refused.hash, refused.doc, refused.type) == (bad.hash, bad.doc, reason)
    assert refused.detail.endswith(".")
    assert "\n" not in refused.detail


async def test_what_was_refused_is_kept_with_its_senders_name(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    bad = flipped(change().row)

    for _ in range(3):
        await bob.push(bad)

    with server.db.read() as conn:
        kept = conn.execute("SELECT doc, hash, reason, sender, bytes FROM quarantine").fetchall()
    assert kept == [(bad.doc, bad.hash, "checksum", bob.replica, bad.raw)]


async def test_quarantine_does_not_grow_without_end(bob: Member, server: MemoryServer) -> None:
    for _ in range(3):
        await bob.push(*[flipped(change().row) for _ in range(100)])
    await bob.push(flipped(change(title="x" * 200_000).row))

    with server.db.read() as conn:
        rows, longest = conn.execute(
            "SELECT count(*), max(length(bytes)) FROM quarantine"
        ).fetchone()
    assert rows == limits.QUARANTINE_ROWS_PER_SENDER_MAX
    assert longest <= limits.QUARANTINE_BYTES_MAX


async def test_what_builds_on_a_refused_change_falls_with_it_and_other_documents_do_not(
    alice: Member,
) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")
    beside = change(first.doc, key="priority")

    answer = await alice.push(flipped(first.row), second, third, beside, change())

    assert answer.accepted == 2
    assert [(one.hash, one.type) for one in answer.refused] == [
        (first.hash, "checksum"),
        (second.hash, "depends-on-refused"),
        (third.hash, "depends-on-refused"),
    ]
    assert answer.missing == []


async def test_a_second_change_under_the_same_number_is_equivocation(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    doc, actor = some_doc(), os.urandom(16)
    said = change(doc, title="yes", actor=actor)
    said_too = change(doc, title="no", actor=actor)
    await alice.push(said)

    answer = await bob.push(said_too, change(after=said_too, key="due"))

    assert [one.type for one in answer.refused] == ["equivocation", "depends-on-refused"]
    with server.db.read() as conn:
        kept = conn.execute("SELECT hash, reason, sender FROM quarantine").fetchall()
    assert kept == [(said_too.hash, "equivocation", bob.replica)]


async def test_equivocation_within_one_push_keeps_the_first(alice: Member) -> None:
    doc, actor = some_doc(), os.urandom(16)
    said, said_too = change(doc, title="yes", actor=actor), change(doc, title="no", actor=actor)

    answer = await alice.push(said, said_too)

    assert answer.accepted == 1
    assert [(one.hash, one.type) for one in answer.refused] == [(said_too.hash, "equivocation")]


async def test_a_document_belongs_to_one_space(alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    rope = change()
    await alice.push(rope)

    answer = await second.push(rope, change(after=rope, key="due"), change())

    assert answer.accepted == 1
    assert [one.type for one in answer.refused] == ["other-space", "other-space"]


async def test_every_row_of_a_push_is_answered_once(alice: Member) -> None:
    bad = [row for row, _ in bad_rows().values()]
    known = change()
    await alice.push(known)
    waiting = change(after=change(), key="due")
    rows: list[Made | m.Row] = [known, waiting, *bad, change()]

    answer = await alice.push(*rows)

    answered = answer.accepted + answer.duplicate + len(answer.refused) + len(answer.missing)
    assert answered == len(rows)


async def test_an_empty_push_is_fine(alice: Member) -> None:
    answer = await alice.push()

    assert (answer.accepted, answer.duplicate, answer.seq) == (0, 0, 0)
