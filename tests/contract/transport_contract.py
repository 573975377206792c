"""What every transport promises; each implementation runs this suite against a real server."""

import asyncio
import os

import pytest

from store.domain.limits import PUSH_ROWS_MAX
from sync.errors import (
    AuthRefused,
    BadRequest,
    CursorMismatch,
    Incompatible,
    InviteRefused,
    SyncError,
    TooLarge,
    Unreachable,
)
from sync.protocol import messages as m
from sync.protocol import routes
from sync.protocol.cursor import encode_cursor
from sync.transport.base import Transport
from tests.support.asking import ask, create_space, creation, join
from tests.support.pushes import change, some_doc


class TransportContract:
    """Subclasses give the fixtures `transport` and `setup_code`, of a server without spaces."""

    async def test_it_carries_a_question_and_its_answer(self, transport: Transport) -> None:
        health = await ask(transport, routes.HEALTH)

        assert health == m.Health(ok=True, protocol=1)

    async def test_it_carries_changes_there_and_back_byte_for_byte(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        bob = await join(alice, "Bob")
        rope = change(title="Rope – 60 m")

        pushed = await alice.push(rope)
        pulled = await bob.pull()

        assert pushed.accepted == 1
        assert pulled.rows == [rope.row]

    async def test_it_carries_a_full_batch(self, transport: Transport, setup_code: str) -> None:
        alice = await create_space(transport, setup_code)
        bob = await join(alice, "Bob")
        made = [change() for _ in range(500)]

        pushed = await alice.push(*made)
        pulled = await bob.pull()

        assert pushed.accepted == 500
        assert [row.hash for row in pulled.rows] == [one.hash for one in made]

    async def test_it_counts_what_it_carried(self, transport: Transport, setup_code: str) -> None:
        alice = await create_space(transport, setup_code)
        before = (
            transport.traffic.requests,
            transport.traffic.bytes_sent,
            transport.traffic.bytes_received,
        )

        await alice.push(change(title=os.urandom(5_000).hex()))

        assert transport.traffic.requests == before[0] + 1
        assert transport.traffic.bytes_sent > before[1] + 4_000
        assert transport.traffic.bytes_received > before[2]

    @pytest.mark.parametrize("token", [None, "a-token-nobody-gave"])
    async def test_without_a_good_token_the_answer_is_an_auth_refusal(
        self, transport: Transport, token: str | None
    ) -> None:
        query = m.SpaceQuery("s" + "a" * 26)

        with pytest.raises(AuthRefused) as refused:
            await ask(transport, routes.HELLO, query, token=token)

        assert (refused.value.type, refused.value.status) == ("unauthorized", 401)
        assert refused.value.request_id != ""

    async def test_a_problem_becomes_the_error_of_its_type(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        elsewhere = encode_cursor(m.LogPosition(b"another log here", 7, b"c" * 32))

        with pytest.raises(CursorMismatch):
            await alice.pull(elsewhere)
        with pytest.raises(InviteRefused):
            await ask(transport, routes.CREATE_SPACE, creation("0000-0000"))
        with pytest.raises(BadRequest):
            await alice.pull(rows_max=10_000)

    async def test_more_rows_than_a_push_may_hold_are_too_large(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        row = change().row

        with pytest.raises(TooLarge):
            await alice.push(*[row] * (PUSH_ROWS_MAX + 1))

    async def test_a_body_above_the_limit_is_too_large_and_the_next_request_works(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        noise = m.Row("change", some_doc(), b"h" * 32, os.urandom(5 << 20))

        with pytest.raises(TooLarge):
            await alice.push(noise)

        assert (await alice.push(change())).accepted == 1

    async def test_an_address_of_another_version_is_incompatible(
        self, transport: Transport
    ) -> None:
        with pytest.raises(Incompatible):
            await transport.request(
                "GET",
                "/v2/sync/hello",
                query={},
                body=None,
                reply=m.Hello,
                token=None,
                timeout_s=10,
            )

    async def test_no_answer_in_time_is_unreachable(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        query = m.WaitQuery(alice.space, timeout_s=20)

        with pytest.raises(Unreachable):
            await ask(transport, routes.WAIT, query, token=alice.token, timeout_s=0.2)

        assert (await alice.hello()).name == "Hut"

    async def test_several_requests_may_be_under_way_at_once(
        self, transport: Transport, setup_code: str
    ) -> None:
        alice = await create_space(transport, setup_code)
        bob = await join(alice, "Bob")

        waiting = asyncio.ensure_future(bob.wait())
        answers = await asyncio.gather(*[alice.push(change()) for _ in range(5)])

        assert [answer.accepted for answer in answers] == [1] * 5
        assert (await waiting).news

    async def test_every_error_is_one_sentence_of_the_family(self, transport: Transport) -> None:
        with pytest.raises(SyncError) as refused:
            await ask(transport, routes.HELLO, m.SpaceQuery("s" + "a" * 26))

        assert "\n" not in refused.value.detail
        assert refused.value.detail.endswith(".")
        assert refused.value.title
