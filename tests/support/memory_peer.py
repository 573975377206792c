"""A home that serves, without a network: the real service over a real replica, and its codes."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.clocks import system_now_ms
from store.domain.ids import SpaceId
from store.domain.membership import Role
from store.members.signing import Keys
from store.replica import Replica
from sync.peer.host import open_code, serve_home
from sync.protocol import entering, routes
from sync.protocol.codes import plain_code
from sync.protocol.pairing import pairing_secrets
from sync.protocol.proving import prove
from sync.server.endpoint import Endpoint
from sync.server.service import Service
from sync.transport.memory import FaultHook, MemoryTransport
from tests.support.asking import Member, ask
from tests.support.people import entropy_of
from tests.support.pushes import some_replica

PIN = "ab" * 32  # of the certificate that it would have


@dataclass(frozen=True)
class MemoryPeer:
    """A home that serves and how to reach it.

    Attributes:
        space: the one that it shares first.
        pin: of the certificate that it would have.
    """

    replica: Replica
    service: Service
    endpoint: Endpoint
    space: SpaceId
    clock_ms: Callable[[], int]
    pin: str = PIN

    def transport(self, fault: FaultHook | None = None) -> MemoryTransport:
        """A new connection to it."""
        return MemoryTransport(self.endpoint.exchange, fault=fault)

    def code(self, role: Role = "editor", space: str | None = None) -> str:
        """Show a code."""
        return open_code(
            self.replica,
            space or self.space,
            self.pin,
            role=role,
            clock_ms=self.clock_ms,
            entropy=os.urandom,
        ).code

    def secret(self, role: Role = "editor") -> str:
        """What follows from a new code."""
        return pairing_secrets(plain_code(self.code(role)), self.pin).secret


@contextmanager
def serving(
    replica: Replica,
    *,
    space: SpaceId | None = None,
    pin: str = PIN,
    clock_ms: Callable[[], int] = system_now_ms,
    clock_s: Callable[[], float] = time.monotonic,
) -> Iterator[MemoryPeer]:
    """Serve a home for as long as the block lasts."""
    with ExitStack() as stack:
        service, lanes = serve_home(
            replica,
            stack,
            clock_ms=clock_ms,
            clock_s=clock_s,
            entropy=os.urandom,
            on_read=lambda: None,
        )
        stack.callback(service.wakeups.stop)
        shared = space or SpaceId(replica.space().id)
        yield MemoryPeer(replica, service, Endpoint(service, lanes), shared, clock_ms, pin)


@contextmanager
def memory_peer(folder: Path, name: str = "alice", seed: int = 1) -> Iterator[MemoryPeer]:
    """Somebody's new home, which serves its first space."""
    with Replica.open(folder / name, entropy=entropy_of(seed)) as replica:
        replica.set_identity(name.capitalize(), f"{name}s laptop")
        with serving(replica) as peer:
            yield peer


async def come_in(host: MemoryPeer, person: str, role: Role = "editor") -> Member:
    """Let somebody in by a code, as a stranger's program would."""
    secret, replica = host.secret(role), some_replica()
    proof = prove(Keys(replica.encode()[:32].ljust(32)), secret=secret, space="", replica=replica)
    asked = entering.Join(secret, "", person, f"{person}'s phone", replica, proof)
    joined = await ask(host.transport(), routes.JOIN, asked)
    return Member(host.transport(), joined.space, joined.token, joined.replica)
