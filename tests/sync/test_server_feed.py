"""What a server gives: pages after a cursor, what it remembers, differences, and hints."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from store.domain.ids import SpaceId
from store.log import fingerprint
from sync.errors import AuthRefused, BadRequest, Busy, CursorMismatch
from sync.protocol import messages as m
from sync.protocol import routes
from sync.protocol.cursor import decode_cursor, encode_cursor
from sync.server import limits
from tests.support.asking import Member, create_space, join
from tests.support.long_polls import long_polls, until_waiting
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change

TOP = "~"


async def pull_all(member: Member, **fields: int) -> tuple[list[m.Row], str, int]:
    """Pull until there is no more; give back rows, the last cursor, and how many pages."""
    rows: list[m.Row] = []
    cursor = ""
    for page in range(1, 1_000):
        pulled = await member.pull(cursor, **fields)
        rows += pulled.rows
        cursor = pulled.cursor
        if not pulled.more:
            return rows, cursor, page
    raise AssertionError("no end of pages")


# -- pages -----------------------------------------------------------------------------------------


async def test_pages_join_up_to_the_whole_log(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(25)]
    await alice.push(*made)

    rows, cursor, pages = await pull_all(bob, rows_max=10)

    assert rows == [one.row for one in made]
    assert pages == 3
    assert decode_cursor(cursor).seq == 25


async def test_a_page_stops_at_its_bytes_but_always_holds_one_row(
    alice: Member, bob: Member
) -> None:
    made = [change(title=os.urandom(400_000).hex()) for _ in range(12)]
    for one in made:
        assert (await alice.push(one)).accepted == 1

    rows, _, pages = await pull_all(bob)

    assert rows == [one.row for one in made]
    assert pages == 2


async def test_nobody_gets_back_what_came_from_them(alice: Member, bob: Member) -> None:
    hers, his = change(), change()
    await alice.push(hers)
    await bob.push(his)

    assert [row.hash for row in (await alice.pull()).rows] == [his.hash]
    assert [row.hash for row in (await bob.pull()).rows] == [hers.hash]


async def test_own_rows_at_the_end_make_no_empty_page(alice: Member, bob: Member) -> None:
    await bob.push(change())
    await alice.push(*[change() for _ in range(30)])

    pulled = await alice.pull(rows_max=1)

    assert len(pulled.rows) == 1
    assert not pulled.more
    assert decode_cursor(pulled.cursor).seq == 31


async def test_the_end_of_the_log_carries_its_digest(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    await alice.push(*[change() for _ in range(3)])

    pulled = await bob.pull()

    with server.db.read() as conn:
        assert pulled.heads_digest == fingerprint(conn, alice.space, "", TOP)[0]
    assert pulled.heads_digest == (await bob.hello()).heads_digest


# -- cursors ---------------------------------------------------------------------------------------


async def test_a_cursor_beyond_the_end_is_a_mismatch(alice: Member, bob: Member) -> None:
    await alice.push(change())
    end = (await bob.hello()).server

    with pytest.raises(CursorMismatch):
        await bob.pull(encode_cursor(m.LogPosition(end.generation, end.seq + 1, end.chain)))


@pytest.mark.parametrize("seq", [0, 1, 2])
async def test_a_cursor_of_another_history_is_a_mismatch(
    alice: Member, bob: Member, seq: int
) -> None:
    await alice.push(change(), change())
    end = (await bob.hello()).server
    chain = os.urandom(32)

    for other in (
        m.LogPosition(end.generation, seq, chain),
        m.LogPosition(os.urandom(16), seq, end.chain if seq == 2 else chain),
    ):
        with pytest.raises(CursorMismatch):
            await bob.pull(encode_cursor(other))
        with pytest.raises(CursorMismatch):
            await bob.wait(encode_cursor(other), timeout_s=0)


@pytest.mark.parametrize("cursor", ["rubbish", "AAAA", "0", "'; DROP TABLE log; --", "é"])
async def test_a_cursor_that_no_log_gave_is_a_mismatch(bob: Member, cursor: str) -> None:
    with pytest.raises(CursorMismatch):
        await bob.pull(cursor)


async def test_a_server_restored_from_a_backup_is_noticed_even_at_the_same_length(
    tmp_path: Path,
) -> None:
    with memory_server(tmp_path / "server") as server:
        alice = await create_space(server.transport(), server.setup_code)
        bob = await join(alice, "Bob")
        await alice.push(change())
    shutil.copytree(tmp_path / "server", tmp_path / "backup")
    with memory_server(tmp_path / "server") as server:
        bob = Member(server.transport(), bob.space, bob.token, bob.replica)
        alice = Member(server.transport(), alice.space, alice.token, alice.replica)
        await alice.push(change(), change())
        cursor = (await bob.pull()).cursor

    with memory_server(tmp_path / "backup") as restored:
        bob = Member(restored.transport(), bob.space, bob.token, bob.replica)
        alice = Member(restored.transport(), alice.space, alice.token, alice.replica)
        with pytest.raises(CursorMismatch):
            await bob.pull(cursor)
        await alice.push(change(), change())  # as long as it was, and yet another history
        with pytest.raises(CursorMismatch):
            await bob.pull(cursor)
        assert len((await bob.pull()).rows) == 3


# -- what it remembers -----------------------------------------------------------------------------


async def test_hello_gives_back_the_position_that_this_replica_last_stated(
    alice: Member, bob: Member
) -> None:
    own = m.LogPosition(b"bob's generation", 7, b"c" * 32)
    assert (await bob.hello()).remembered is None

    await bob.pull(log=encode_cursor(own))

    assert (await bob.hello()).remembered == own
    assert (await alice.hello()).remembered is None


async def test_a_later_position_takes_the_place_of_an_earlier_one(bob: Member) -> None:
    for seq in (1, 9, 5):
        own = m.LogPosition(b"bob's generation", seq, b"c" * 32)
        await bob.pull(log=encode_cursor(own))

        assert (await bob.hello()).remembered == own


async def test_a_position_that_is_none_is_malformed(bob: Member) -> None:
    with pytest.raises(BadRequest):
        await bob.pull(log="rubbish")


# -- anti-entropy ----------------------------------------------------------------------------------


async def all_differences(
    member: Member, ranges: list[m.Range]
) -> tuple[dict[str, list[bytes]], int]:
    """Walk down to the documents of all ranges that differ from nothing; count the questions."""
    docs: dict[str, list[bytes]] = {}
    asked = 0
    while ranges:
        found = await member.ask(routes.HEADS, m.Ranges(member.space, ranges[:256]))
        asked += 1
        docs.update({one.doc: one.heads for one in found.docs})
        ranges = [*found.ranges, *ranges[256:]]
        ranges = [m.Range(one.lo, one.hi, bytes(32), 0) for one in ranges]
    return docs, asked


def whole(digest: bytes = bytes(32), count: int = 0) -> m.Range:
    """The range of all documents."""
    return m.Range("", TOP, digest, count)


async def test_equal_ranges_are_answered_with_nothing(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    await alice.push(*[change() for _ in range(5)])
    with server.db.read() as conn:
        digest, count = fingerprint(conn, alice.space, "", TOP)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole(digest, count)]))

    assert found == m.Differences()


async def test_a_small_range_that_differs_is_listed_with_heads(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(5)]
    await alice.push(*made)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole()]))

    assert {one.doc: one.heads for one in found.docs} == {one.doc: [one.hash] for one in made}
    assert [(one.lo, one.hi, one.count) for one in found.listed] == [("", TOP, 5)]
    assert found.ranges == []


async def test_a_range_that_is_empty_here_is_listed_as_empty(bob: Member) -> None:
    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole(b"d" * 32, 3)]))

    assert found == m.Differences(listed=[whole()])


async def test_a_large_range_is_split_into_parts_that_cover_it(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    made = [change() for _ in range(300)]
    await alice.push(*made)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole()]))

    assert len(found.ranges) == limits.SPLIT_RANGES
    assert sum(one.count for one in found.ranges) == 300
    bounds = [found.ranges[0].lo, *[one.hi for one in found.ranges]]
    assert bounds == ["", *[one.lo for one in found.ranges[1:]], TOP]
    total = sum(int.from_bytes(one.digest, "big") for one in found.ranges) % 2**256
    with server.db.read() as conn:
        assert total.to_bytes(32, "big") == fingerprint(conn, alice.space, "", TOP)[0]


async def test_walking_down_finds_every_document(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(1_100)]
    for at in range(0, 1_100, 500):
        await alice.push(*made[at : at + 500])

    docs, asked = await all_differences(bob, [whole()])

    assert docs == {one.doc: [one.hash] for one in made}
    assert asked <= 4


async def test_one_difference_among_many_is_found_in_three_questions(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    made = [change() for _ in range(500)]
    await alice.push(*made)
    one = made[123]
    before = _prints(server, alice.space)
    await alice.push(change(after=one, key="due"))

    ranges, asked, docs = [whole(*before("", TOP))], 0, []
    while ranges:
        found = await bob.ask(routes.HEADS, m.Ranges(bob.space, ranges))
        asked += 1
        docs += found.docs
        own = [m.Range(r.lo, r.hi, *before(r.lo, r.hi)) for r in found.ranges]
        ranges = [r for r, theirs in zip(own, found.ranges, strict=True) if r != theirs]

    assert asked <= 3
    assert len(docs) <= limits.LIST_DOCS_MAX
    assert one.doc in [found.doc for found in docs]


def _prints(server: MemoryServer, space: SpaceId):  # type: ignore[no-untyped-def]
    """Remember the documents as they are now, to take fingerprints of them later."""
    import hashlib

    with server.db.read() as conn:
        rows = conn.execute("SELECT id, heads FROM doc WHERE space = ?", (space,)).fetchall()

    def fingerprint_of(lo: str, hi: str) -> tuple[bytes, int]:
        digests = [
            int.from_bytes(hashlib.sha256(doc.encode() + heads).digest(), "big")
            for doc, heads in rows
            if lo <= doc < hi
        ]
        return (sum(digests) % 2**256).to_bytes(32, "big"), len(digests)

    return fingerprint_of


@pytest.mark.parametrize(
    "bounds",
    [[("b", "a")], [("a", "a")], [("a", "c"), ("b", "d")], [("c", "d"), ("a", "b")]],
    ids=["backwards", "empty", "overlapping", "out of order"],
)
async def test_ranges_that_would_be_walked_twice_are_malformed(
    bob: Member, bounds: list[tuple[str, str]]
) -> None:
    ranges = [m.Range(lo, hi, bytes(32), 0) for lo, hi in bounds]

    with pytest.raises(BadRequest):
        await bob.ask(routes.HEADS, m.Ranges(bob.space, ranges))


async def test_changes_beyond_heads_come_causes_first(alice: Member, bob: Member) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")
    beside = change(first.doc, key="priority")
    await alice.push(first, second, third, beside)

    async def beyond(*heads: bytes) -> list[bytes]:
        wanted = m.Wanted(bob.space, [m.DocHeads(first.doc, list(heads))])
        return [row.hash for row in (await bob.ask(routes.CHANGES, wanted)).rows]

    assert await beyond() == [first.hash, second.hash, third.hash, beside.hash]
    assert await beyond(second.hash) == [third.hash, beside.hash]
    assert await beyond(third.hash, beside.hash) == []
    assert await beyond(b"unknown hash of thirty-two bytes") == await beyond()


async def test_changes_are_given_even_to_whom_they_came_from(alice: Member) -> None:
    rope = change()
    await alice.push(rope)

    found = await alice.ask(routes.CHANGES, m.Wanted(alice.space, [m.DocHeads(rope.doc, [])]))

    assert found.rows == [rope.row]


async def test_changes_come_in_pages_too(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(501)]
    await alice.push(*made[:500])
    await alice.push(made[500])
    wanted = m.Wanted(bob.space, [m.DocHeads(one.doc, []) for one in made])

    first = await bob.ask(routes.CHANGES, wanted)
    got = {row.doc: [row.hash] for row in first.rows}
    rest = await bob.ask(
        routes.CHANGES,
        m.Wanted(bob.space, [m.DocHeads(one.doc, got.get(one.doc, [])) for one in made]),
    )

    assert (len(first.rows), first.more, len(rest.rows), rest.more) == (500, True, 1, False)


async def test_documents_of_another_space_are_not_given(alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    rope = change()
    await second.push(rope)

    found = await alice.ask(routes.CHANGES, m.Wanted(alice.space, [m.DocHeads(rope.doc, [])]))

    assert found.rows == []


@pytest.mark.parametrize("docs", [["rope"], [""], ["t1" + "a" * 26] * 2])
async def test_wanting_what_is_no_document_or_twice_is_malformed(
    bob: Member, docs: list[str]
) -> None:
    with pytest.raises(BadRequest):
        await bob.ask(routes.CHANGES, m.Wanted(bob.space, [m.DocHeads(doc, []) for doc in docs]))


# -- hints -----------------------------------------------------------------------------------------


async def test_news_that_is_there_is_told_at_once(alice: Member, bob: Member) -> None:
    await alice.push(change())

    assert await bob.wait() == m.Hint(1, news=True)


async def test_a_push_wakes_who_waits(alice: Member, bob: Member, server: MemoryServer) -> None:
    cursor = (await bob.pull()).cursor
    waiting = asyncio.ensure_future(bob.wait(cursor))
    await until_waiting(server.service.wakeups, bob.replica)

    await alice.push(change())

    assert await asyncio.wait_for(waiting, 5) == m.Hint(1, news=True)


async def test_no_news_in_time_is_an_answer(alice: Member, bob: Member) -> None:
    assert await bob.wait(timeout_s=0.05) == m.Hint(0, news=False)


async def test_own_pushes_and_known_changes_wake_nobody(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    rope = change()
    await alice.push(rope)
    cursor = (await bob.pull()).cursor
    waiting = asyncio.ensure_future(bob.wait(cursor, timeout_s=0.3))
    await until_waiting(server.service.wakeups, bob.replica)

    await alice.push(rope)
    await bob.push(change())

    assert await waiting == m.Hint(2, news=False)


async def test_the_news_of_one_space_do_not_wake_another(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    waiting = asyncio.ensure_future(bob.wait(timeout_s=0.3))
    await until_waiting(server.service.wakeups, bob.replica)

    await second.push(change())

    assert not (await waiting).news


async def test_revoking_ends_a_wait_at_once(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    waiting = asyncio.ensure_future(bob.wait())
    await until_waiting(server.service.wakeups, bob.replica)

    await alice.revoke(bob.replica)

    with pytest.raises(AuthRefused):
        await asyncio.wait_for(waiting, 5)


async def test_stopping_ends_every_wait_at_once(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    waiting = [asyncio.ensure_future(member.wait()) for member in (alice, bob)]
    await until_waiting(server.service.wakeups, alice.replica)
    await until_waiting(server.service.wakeups, bob.replica)

    server.service.wakeups.stop()

    for one in waiting:
        with pytest.raises(Busy) as refused:
            await asyncio.wait_for(one, 5)
        assert refused.value.type == "stopping"


async def test_a_device_that_waits_too_often_ends_its_oldest_wait(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    first = asyncio.ensure_future(bob.wait())
    await until_waiting(server.service.wakeups, bob.replica)
    others = []
    for count in range(2, limits.WAITS_PER_REPLICA_MAX + 2):
        others.append(asyncio.ensure_future(bob.wait()))
        await until_waiting(server.service.wakeups, bob.replica, count)

    assert await asyncio.wait_for(first, 5) == m.Hint(0, news=False)
    assert not any(one.done() for one in others)
    await alice.push(change())
    assert all([(await one).news for one in others])


async def test_a_wait_that_is_given_up_leaves_nothing_behind(
    bob: Member, server: MemoryServer
) -> None:
    waiting = asyncio.ensure_future(bob.wait())
    await until_waiting(server.service.wakeups, bob.replica)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert long_polls(server.service.wakeups, bob.replica) == 0
