"""What every holder of a space promises that others sync with: a server, and a device that serves.

Each subclass gives a space with nothing in it, and lets people in. They ask as devices do.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from store.domain.membership import Role
from sync.errors import AuthRefused, BadRequest, CursorMismatch, RoleRefused, UnknownSpace
from sync.protocol import messages as m
from sync.protocol import routes
from sync.protocol.cursor import decode_cursor, encode_cursor
from tests.support.asking import Member
from tests.support.pushes import change, some_doc, some_space

Enter = Callable[[str, Role], Awaitable[Member]]
Remove = Callable[[Member], Awaitable[None]]


class HolderContract:
    """Subclasses give the fixtures `enter` (let somebody in) and `remove` (shut somebody out)."""

    async def test_what_one_pushes_the_others_pull_byte_for_byte_and_only_they(
        self, enter: Enter
    ) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        made = change(title="Buy rope")

        reply = await ann.push(made)

        assert (reply.accepted, reply.duplicate, reply.refused) == (1, 0, [])
        assert [row.raw for row in await changes(ben)] == [made.row.raw]
        assert await changes(ann) == []

    async def test_a_push_may_be_repeated(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        made = change()
        await ann.push(made)

        again = await ann.push(made)
        theirs = await ben.push(made)

        assert (again.accepted, again.duplicate) == (theirs.accepted, theirs.duplicate) == (0, 1)

    async def test_one_bad_row_is_refused_alone_with_its_reason(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        good, bad = change(), change()
        lie = m.Row("change", bad.row.doc, bytes(32), bad.row.raw)
        rubbish = m.Row("change", some_doc(), bytes(32), b"rubbish")

        reply = await ann.push(lie, good, rubbish)

        assert reply.accepted == 1
        assert {one.type for one in reply.refused} == {"wrong-hash", "malformed"}
        assert [row.hash for row in await changes(ben)] == [good.hash]

    async def test_what_lacks_its_causes_is_said_to_and_taken_once_they_are_there(
        self, enter: Enter
    ) -> None:
        ann = await enter("Ann", "editor")
        first = change()
        second = change(after=first)

        early = await ann.push(second)
        late = await ann.push(first, second)

        assert [one.deps for one in early.missing] == [[first.hash]]
        assert (early.accepted, late.accepted) == (0, 2)

    async def test_a_viewer_reads_and_writes_nothing(self, enter: Enter) -> None:
        ann, vera = await enter("Ann", "editor"), await enter("Vera", "viewer")
        made = change()
        await ann.push(made)

        with pytest.raises(RoleRefused, match="viewer"):
            await vera.push(change())

        assert [row.hash for row in await changes(vera)] == [made.hash]
        assert (await vera.hello()).role == "viewer"

    async def test_a_cursor_goes_on_where_it_ended(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        await ann.push(change(), change())
        first = await ben.pull(rows_max=500)
        await ann.push(change())

        second = await ben.pull(first.cursor)

        assert len([row for row in second.rows if row.type == "change"]) == 1
        assert (await ben.pull(second.cursor)).rows == []

    async def test_a_cursor_of_another_history_is_told(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        await ann.push(change())
        at = decode_cursor((await ben.pull()).cursor)

        for other in (
            m.LogPosition(bytes(16), at.seq, at.chain),
            m.LogPosition(at.generation, at.seq + 9, at.chain),
            m.LogPosition(at.generation, at.seq, bytes(31) + b"x"),
        ):
            with pytest.raises(CursorMismatch):
                await ben.pull(encode_cursor(other))

    async def test_it_remembers_where_a_guests_own_log_was(self, enter: Enter) -> None:
        ann = await enter("Ann", "editor")
        own = m.LogPosition(b"generation", 7, bytes(32))
        assert (await ann.hello()).remembered is None

        await ann.pull(log=encode_cursor(own))

        assert (await ann.hello()).remembered == own

    async def test_a_wait_ends_with_the_news_of_somebody_else(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        cursor = (await ben.pull()).cursor
        waiting = asyncio.ensure_future(ben.wait(cursor))
        await asyncio.sleep(0)

        await ann.push(change())

        async with asyncio.timeout(20):
            assert (await waiting).news

    async def test_heads_find_what_cursors_missed(self, enter: Enter) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        made = change()
        await ann.push(made)
        nothing = m.Range("", "~", bytes(32), 0)

        found = await ben.ask(routes.HEADS, m.Ranges(ben.space, [nothing]))
        got = await ben.ask(routes.CHANGES, m.Wanted(ben.space, [m.DocHeads(made.row.doc, [])]))

        assert [(doc.doc, doc.heads) for doc in found.docs] == [(made.row.doc, [made.hash])]
        assert [row.raw for row in got.rows] == [made.row.raw]

    async def test_who_is_shut_out_is_told_and_reads_and_writes_nothing(
        self, enter: Enter, remove: Remove
    ) -> None:
        ann, ben = await enter("Ann", "editor"), await enter("Ben", "editor")
        await ben.push(change())

        await remove(ben)

        for asking in (ben.pull(), ben.push(change()), ben.hello(), ben.wait()):
            with pytest.raises(AuthRefused, match="removed this device") as no:
                await asking
            assert no.value.type == "revoked"
        assert len(await changes(ann)) == 1  # what it wrote stays
        assert {one.id: one.revoked for one in await ann.devices()}[ben.replica]

    async def test_a_token_opens_one_space_and_nothing_else_opens_it(self, enter: Enter) -> None:
        ann = await enter("Ann", "editor")

        with pytest.raises(UnknownSpace):
            await Member(ann.transport, some_space(), ann.token, ann.replica).hello()
        with pytest.raises(AuthRefused):
            await Member(ann.transport, ann.space, "x" * 43, ann.replica).hello()

    async def test_a_question_that_is_none_is_refused(self, enter: Enter) -> None:
        ann = await enter("Ann", "editor")

        with pytest.raises(BadRequest):
            await ann.pull(log="rubbish")
        overlapping = [m.Range("b", "c", bytes(32), 0), m.Range("a", "b", bytes(32), 0)]
        with pytest.raises(BadRequest):
            await ann.ask(routes.HEADS, m.Ranges(ann.space, overlapping))


async def changes(member: Member) -> list[m.Row]:
    """The changes that somebody pulls from the beginning."""
    return [row for row in (await member.pull()).rows if row.type == "change"]
