"""What the tests of the server share: a server in this process, with one space, and its people."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.asking import Member, create_space, join
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import StillClock


@pytest.fixture
def clock() -> StillClock:
    """The server's, for tests that have one started with it."""
    return StillClock()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MemoryServer]:
    """A server without spaces."""
    with memory_server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def still_server(tmp_path: Path, clock: StillClock) -> Iterator[MemoryServer]:
    """A server whose clock stands still."""
    with memory_server(tmp_path / "server", clock_ms=clock) as running:
        yield running


@pytest.fixture
def servers(tmp_path: Path, clock: StillClock) -> Iterator[tuple[MemoryServer, MemoryServer]]:
    """Two servers on one database."""
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(memory_server(tmp_path / "server", clock_ms=clock))
            for _ in range(2)
        )
        yield first, second


@pytest.fixture
async def alice(server: MemoryServer) -> Member:
    """The owner of the first space."""
    return await create_space(server.transport(), server.setup_code)


@pytest.fixture
async def bob(alice: Member) -> Member:
    """An editor of Alice's space."""
    return await join(alice, "Bob")


@pytest.fixture
async def vera(alice: Member) -> Member:
    """A viewer of Alice's space."""
    return await join(alice, "Vera", "viewer")
