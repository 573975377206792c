"""What a server gives: pages after a cursor, what it remembers, and hints."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from sync.errors import AuthRefused, BadRequest, Busy, CursorMismatch
from sync.protocol import messages as m
from sync.protocol.cursor import decode_cursor, encode_cursor
from sync.server import limits
from tests.support.asking import Member, create_space, join
from tests.support.long_polls import long_polls, until_waiting
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change


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
    waiting = asyncio.ensure_future(bob.wait(cursor, timeout_s=2))
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
