"""The memory transport keeps the contract, and its fault hook can do what networks do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync.errors import Busy, Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange, MemoryTransport
from tests.contract.transport_contract import TransportContract
from tests.support.asking import create_space
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MemoryServer]:
    with memory_server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def transport(server: MemoryServer) -> MemoryTransport:
    return server.transport()


@pytest.fixture
def setup_code(server: MemoryServer) -> str:
    code = server.setup_code
    assert code is not None
    return code


class TestMemoryTransport(TransportContract):
    """The suite, against a server in this process."""


async def test_a_lost_request_never_reaches_the_server(
    transport: MemoryTransport, setup_code: str
) -> None:
    alice = await create_space(transport, setup_code)

    async def lose_it(request: WireRequest, send: Exchange) -> WireResponse:
        raise Unreachable("The connection broke.")

    transport.fault = lose_it
    with pytest.raises(Unreachable):
        await alice.push(change())

    transport.fault = None
    assert (await alice.hello()).server.seq == 0


async def test_a_lost_reply_leaves_the_change_on_the_server_and_the_retry_is_a_duplicate(
    transport: MemoryTransport, setup_code: str
) -> None:
    alice = await create_space(transport, setup_code)
    rope = change()

    async def lose_the_reply(request: WireRequest, send: Exchange) -> WireResponse:
        await send(request)
        raise Unreachable("The connection broke.")

    transport.fault = lose_the_reply
    with pytest.raises(Unreachable):
        await alice.push(rope)
    transport.fault = None
    again = await alice.push(rope)

    assert (again.accepted, again.duplicate, again.seq) == (0, 1, 1)


async def test_a_repeated_request_takes_effect_once(
    transport: MemoryTransport, setup_code: str
) -> None:
    alice = await create_space(transport, setup_code)

    async def twice(request: WireRequest, send: Exchange) -> WireResponse:
        await send(request)
        return await send(request)

    transport.fault = twice
    answer = await alice.push(change())

    assert (answer.accepted, answer.duplicate, answer.seq) == (0, 1, 1)


@pytest.mark.parametrize("at", [0, 5, 40, -1])
async def test_a_damaged_request_is_sent_again_and_never_taken_for_a_bad_change(
    transport: MemoryTransport, setup_code: str, at: int
) -> None:
    alice = await create_space(transport, setup_code)
    rope = change()

    async def damage(request: WireRequest, send: Exchange) -> WireResponse:
        body = bytearray(request.body)
        body[at] ^= 4
        return await send(replace(request, body=bytes(body)))

    transport.fault = damage
    with pytest.raises(Busy) as refused:
        await alice.push(rope)
    transport.fault = None

    assert refused.value.type == "damaged"
    assert (await alice.push(rope)).accepted == 1


@pytest.mark.parametrize("percent", [0, 2, 50, 99])
async def test_an_answer_that_is_cut_short_is_no_answer(
    transport: MemoryTransport, setup_code: str, percent: int
) -> None:
    alice = await create_space(transport, setup_code)

    async def cut(request: WireRequest, send: Exchange) -> WireResponse:
        answer = await send(request)
        return replace(answer, body=answer.body[: len(answer.body) * percent // 100])

    transport.fault = cut
    with pytest.raises(Unreachable):
        await alice.pull()


async def test_a_login_page_in_between_is_no_answer(
    transport: MemoryTransport, setup_code: str
) -> None:
    alice = await create_space(transport, setup_code)

    async def portal(request: WireRequest, send: Exchange) -> WireResponse:
        return WireResponse(200, {"content-type": "text/html"}, b"<h1>Welcome aboard</h1>")

    transport.fault = portal
    with pytest.raises(Unreachable) as refused:
        await alice.pull()

    assert refused.value.type == "not-cairn"
