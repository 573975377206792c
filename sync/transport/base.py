"""The port between the client and whatever carries its messages to one server.

Every implementation passes `tests/contract/transport_contract.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


@dataclass(slots=True)
class Traffic:
    """What a transport carried so far: bodies as they travelled, and whole exchanges.

    Attributes:
        requests: requests begun.
        bytes_sent: request bodies, compressed.
        bytes_received: answer bodies, compressed.
    """

    requests: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


class Transport(Protocol):
    """Asks one server.

    Attributes:
        traffic: counted from the transport's making; read it before and after a round.
    """

    traffic: Traffic

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: msgspec.Struct | None,
        reply: type[T],
        token: str | None,
        timeout_s: float,
        request_id: str | None = None,
    ) -> T:
        """Send one request and give back its answer.

        Args:
            method: GET or POST.
            path: with its leading slash; see `sync.protocol.routes`.
            query: the query string's fields; empty for POST.
            body: the message to send; None for GET.
            reply: the message that is expected back.
            token: the device's token, or None.
            timeout_s: for the whole exchange, from connecting to the last byte.
            request_id: the asker's name for it, for the server's log; None lets the server name it.

        Raises:
            SyncError: as `sync.errors` says; Unreachable where there was no answer in time. Nobody
                knows then whether the server acted, so every request may be sent again.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections. Waiting requests end with Unreachable."""
        ...
