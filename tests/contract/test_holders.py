"""A server and a device that serves keep the same promises."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from store.domain.membership import Role
from sync.client.own_members import shut_out
from tests.contract.holder_contract import Enter, HolderContract, Remove
from tests.support.asking import Member, create_space, join
from tests.support.memory_peer import MemoryPeer, come_in, memory_peer
from tests.support.memory_server import memory_server


class TestServer(HolderContract):
    @pytest.fixture
    async def owner(self, tmp_path: Path) -> AsyncIterator[Member]:
        with memory_server(tmp_path / "server") as server:
            yield await create_space(server.transport(), server.setup_code)

    @pytest.fixture
    def enter(self, owner: Member) -> Enter:
        async def enter(person: str, role: Role) -> Member:
            return await join(owner, person, role)

        return enter

    @pytest.fixture
    def remove(self, owner: Member) -> Remove:
        async def remove(who: Member) -> None:
            await owner.revoke(who.replica)

        return remove


class TestDevice(HolderContract):
    @pytest.fixture
    def host(self, tmp_path: Path) -> Iterator[MemoryPeer]:
        with memory_peer(tmp_path) as peer:
            yield peer

    @pytest.fixture
    def enter(self, host: MemoryPeer) -> Enter:
        async def enter(person: str, role: Role) -> Member:
            return await come_in(host, person, role)

        return enter

    @pytest.fixture
    def remove(self, host: MemoryPeer) -> Remove:
        async def remove(who: Member) -> None:
            shut_out(host.replica, who.replica, host.space)

        return remove
