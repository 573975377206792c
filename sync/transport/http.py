"""HTTP as a transport, by httpx. Answers are streamed up to a cap and expanded by our codec.

httpx would expand bodies by itself, without a bound; so raw bytes are read. Redirects are not
followed: the protocol has none, and a login page on a train would be asked with the device's token.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from store.domain.limits import BODY_RAW_BYTES_MAX
from sync.errors import Unreachable
from sync.protocol import codec
from sync.protocol.address import split_address
from sync.protocol.wire import WireRequest, WireResponse, build_request, not_cairn, read_response
from sync.transport.base import Traffic
from sync.transport.pinning import WrongCertificate, pinned_context

T = TypeVar("T")

CONNECT_S_MAX: Final = 5.0  # a host that is there answers sooner; the rest of the time is for work
CONNECTIONS_MAX: Final = 8  # rounds use one, a long poll another
KEEP_ALIVE_S: Final = 15.0  # shorter than the server's, so that it is never the server who hangs up
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class HttpTransport:
    """Asks the server at an address.

    Attributes:
        traffic: see `Transport`.
    """

    def __init__(self, base_url: str, *, media_type: str = codec.MSGPACK) -> None:
        """Remember the address; nothing is opened before the first request.

        Args:
            base_url: `https://host[:port][/path][#sha256=...]`; see `sync.protocol.address`.
            media_type: how to write bodies; JSON where a person wants to read along.
        """
        self.traffic = Traffic()
        address = split_address(base_url)
        self._base_url = address.url
        self._pin = address.pin
        self._media_type = media_type
        self._client: httpx.AsyncClient | None = None

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
        """Send one request and give back its answer; see `Transport.request`."""
        request = build_request(
            method,
            path,
            query=query,
            body=body,
            token=token,
            media_type=self._media_type,
            request_id=request_id,
        )
        self.traffic.requests += 1
        self.traffic.bytes_sent += len(request.body)
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._exchange(request, timeout_s)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Unreachable(f"The server gave no answer within {timeout_s:g} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            if _is_below(error, WrongCertificate):
                raise _somebody_else(self._base_url) from error
            if _is_below(error, ssl.SSLCertVerificationError):
                raise _not_vouched_for(self._base_url) from error
            raise Unreachable(f"{self._base_url} can't be reached ({_reason(error)}).") from error
        return read_response(response, reply)

    async def aclose(self) -> None:
        """Close the connections. The transport may be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _exchange(self, request: WireRequest, timeout_s: float) -> WireResponse:
        url = self._base_url + request.path + (f"?{request.query}" if request.query else "")
        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S_MAX))
        async with self._opened().stream(
            request.method,
            url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=timeout,
        ) as answer:
            body = await self._read(answer)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return WireResponse(answer.status_code, headers, body)

    async def _read(self, answer: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in answer.aiter_raw():
            size += len(part)
            self.traffic.bytes_received += len(part)
            if size > BODY_RAW_BYTES_MAX:
                raise not_cairn(answer.status_code)
            parts.append(part)
        return b"".join(parts)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            target = urlsplit(self._base_url)
            self._client = httpx.AsyncClient(
                # Reading the certificate store takes 20 ms, for nothing where there is no TLS.
                verify=pinned_context(self._pin) if self._pin else target.scheme == "https",
                trust_env=target.hostname not in _LOOPBACK,  # no proxy leads to this computer
                follow_redirects=False,
                limits=httpx.Limits(max_connections=CONNECTIONS_MAX, keepalive_expiry=KEEP_ALIVE_S),
            )
        return self._client


def _is_below(error: BaseException, kind: type[Exception]) -> bool:
    """Look for it below what httpx and its parts have wrapped around it."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, kind):
            return True
        below = below.__cause__ or below.__context__
    return False


def _somebody_else(url: str) -> Unreachable:
    """The error for a stranger at the address; it may pass (a network that asks to sign in)."""
    return Unreachable(
        f"What answers at {url} is not the server that the invite was for (its certificate is "
        "another one); nothing was sent to it. Sign in to the network if it asks for that, or ask "
        "for a new invite.",
        type="wrong-certificate",
    )


def _not_vouched_for(url: str) -> Unreachable:
    """The error for a certificate that nobody vouches for, where the address names none either."""
    return Unreachable(
        f"Nobody vouches for the certificate of {url}; nothing was sent to it. Sign in to the "
        "network if it asks for that, or give the whole address that the server printed, with "
        "#sha256=... at its end.",
        type="wrong-certificate",
    )


def _reason(error: Exception) -> str:
    """A few words for a person; httpx's own text where it has one."""
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
