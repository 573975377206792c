"""A request and its answer as they travel, whatever carries them.

Both ends meet here: a transport builds a `WireRequest` and reads a `WireResponse`, the server does
the reverse. HTTP only moves the two, so that the memory transport tests the same encoding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from store.domain.limits import BODY_RAW_BYTES_MAX
from sync.errors import SyncError, Unreachable
from sync.protocol import codec
from sync.protocol.problems import Problem, bounded_wait_s, error_from
from sync.protocol.retry_after import asked_wait_s

T = TypeVar("T")

REQUEST_ID_HEADER: Final = "x-request-id"
PROBLEM_BYTES_MAX: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class WireRequest:
    """What reaches a server.

    Attributes:
        method: as in HTTP.
        path: with its leading slash, without the query.
        query: the encoded query string, without `?`.
        headers: names in lower case.
        body: as it travels (compressed).
        peer: where it comes from, for rates only.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What comes back. Header names in lower case; the body as it travels."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def build_request(
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    body: msgspec.Struct | None,
    token: str | None,
    media_type: str = codec.MSGPACK,
    request_id: str | None = None,
) -> WireRequest:
    """Encode a request; compress its body where that pays."""
    headers = {"accept": f"{media_type}, {codec.PROBLEM}", "accept-encoding": "zstd"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if request_id is not None:
        headers[REQUEST_ID_HEADER] = request_id
    sent = b""
    if body is not None:
        headers["content-type"] = media_type
        sent = codec.encode(body, media_type)
        if len(sent) >= codec.COMPRESS_FROM_BYTES:
            sent = codec.compress(sent)
            headers["content-encoding"] = "zstd"
        headers[codec.DIGEST_HEADER] = codec.digest_of(sent)
    return WireRequest(method, path, urlencode(query), headers, sent)


def read_response(response: WireResponse, reply: type[T]) -> T:
    """Decode the answer to a request.

    Raises:
        SyncError: the error that the server's problem stands for; or Unreachable, where the answer
            is not a Cairn server's (a proxy's error page, a login page that answers 200).
    """
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == codec.PROBLEM:
        raise _problem_error(response)
    if response.status != 200 or media_type not in codec.MEDIA_TYPES:
        raise not_cairn(response.status, asked_wait_s(response.status, response.headers))
    try:
        return codec.decode(expanded(response, BODY_RAW_BYTES_MAX), reply, media_type)
    except (codec.Damaged, codec.Malformed, codec.Oversize) as error:
        raise damaged(response.status) from error


def expanded(response: WireResponse, bytes_max: int) -> bytes:
    """The body of an answer, expanded where it is compressed.

    Raises:
        Damaged, Malformed, Oversize: as `sync.protocol.codec` says.
    """
    codec.check_digest(response.body, response.headers.get(codec.DIGEST_HEADER))
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "zstd":
        return codec.expand(response.body, bytes_max=bytes_max)
    if encoding != "identity":
        raise codec.Malformed("The body is compressed in a way nobody asked for.")
    if len(response.body) > bytes_max:
        raise codec.Oversize(f"The body is larger than {bytes_max} bytes.")
    return response.body


def not_cairn(status: int | None, retry_after_s: float | None = None) -> Unreachable:
    """The error for an answer that no Cairn server gave; it may pass (a login page, a proxy)."""
    error = Unreachable(
        "Something other than a Cairn server answered at this address; check the address, or sign "
        "in to the network if it asks for that.",
        type="not-cairn",
        status=status,
    )
    error.retry_after_s = bounded_wait_s(retry_after_s)
    return error


def damaged(status: int | None) -> Unreachable:
    """The error for an answer of a Cairn server that was cut or altered on its way."""
    return Unreachable(
        "The server's answer was damaged on its way; it will be asked again.",
        type="damaged",
        status=status,
    )


def _problem_error(response: WireResponse) -> SyncError:
    try:
        problem = codec.decode(expanded(response, PROBLEM_BYTES_MAX), Problem, codec.JSON)
    except (codec.Damaged, codec.Malformed, codec.Oversize):
        return damaged(response.status)
    return error_from(problem)
