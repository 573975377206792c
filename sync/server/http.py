"""HTTP around the endpoint, by Starlette: reads bodies within bounds, answers, logs a line each.

The endpoint judges the head of a request first, so that a body is read only for a route that takes
one, up to that route's limit; and a body that is more than a form only from a device that is known.
"""

import asyncio
import contextlib
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sync.protocol import codec, routes
from sync.protocol.problems import Problem, ProblemRaised, refuse
from sync.protocol.wire import REQUEST_ID_HEADER, WireRequest, WireResponse
from sync.server import limits
from sync.server.endpoint import (
    Endpoint,
    Served,
    problem_response,
    too_large,
    with_request_id,
)
from sync.server.metrics import PATH as METRICS_PATH
from sync.server.scraping import ScrapeDoor

log = logging.getLogger("cairn.server.requests")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
TOO_SLOW: Final = 408
_GONE: Final = 499  # for the log only: the asker hung up before there was an answer


def build_app(endpoint: Endpoint) -> Starlette:
    """Make the ASGI application of a server."""
    door = Door(endpoint)
    paths = [route.path for route in routes.ALL]
    # The last one answers every other address, with a problem as everything else.
    scrapes = Route(METRICS_PATH, ScrapeDoor(endpoint, door))
    return Starlette(routes=[scrapes, *(Route(path, door) for path in [*paths, "/{rest:path}"])])


class Door:
    """The ASGI application behind every route."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        body_idle_s_max: float = limits.BODY_IDLE_S_MAX,
        body_bytes_held_max: int = limits.BODY_BYTES_HELD_MAX,
    ) -> None:
        """Let requests in to an endpoint.

        Args:
            endpoint: answers them.
            body_idle_s_max: between two pieces of a body.
            body_bytes_held_max: of all bodies on their way in.
        """
        self._endpoint = endpoint
        self._body_idle_s_max = body_idle_s_max
        self._body_bytes_held_max = body_bytes_held_max
        self._bytes_held = 0  # of all bodies that are being read; only the event loop counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log one line about it."""
        request = Request(scope, receive)
        head = _head(request)
        request_id = _request_id(head)
        began_s = time.perf_counter()
        try:
            asked, answer = await self._answered(request, head)
        except ClientDisconnect:
            self._count(head, _GONE, began_s, None)
            _log(head, _GONE, began_s, 0, 0, request_id)
            return
        self._count(head, answer.status, began_s, answer)
        answer = with_request_id(answer, request_id)
        _log(head, answer.status, began_s, len(asked.body), len(answer.body), request_id)
        response = Response(answer.body, answer.status, headers=dict(answer.headers))
        await response(scope, receive, send)

    def _count(
        self, head: WireRequest, status: int, began_s: float, answer: WireResponse | None
    ) -> None:
        problem = None
        if answer is not None and answer.headers["content-type"] == codec.PROBLEM:
            problem = codec.decode(answer.body, Problem, codec.JSON)
        duration_s = time.perf_counter() - began_s
        self._endpoint.metrics.answered(head.path, status, duration_s, problem)

    async def _answered(
        self, request: Request, head: WireRequest
    ) -> tuple[WireRequest, WireResponse]:
        """Judge the head, read the body, answer; give back the request as it was read too."""
        try:
            _check_headers(request)
            served = self._endpoint.screen(head)
            if served.route.body is None:
                answering = self._endpoint.exchange(head, served=served)
                return head, await _unless_gone(request, answering)
            async with contextlib.AsyncExitStack() as stack:
                body = await self._body(request, head, served, stack)
                whole = replace(head, body=body)
                return whole, await self._endpoint.exchange(whole, served=served)
        except ProblemRaised as no:
            return head, await _refused(request, no)

    async def _body(
        self, request: Request, head: WireRequest, served: Served, stack: contextlib.AsyncExitStack
    ) -> bytes:
        """Read a body within the bounds of its route; its bytes are held until the stack ends."""
        bytes_max = served.route.body_bytes_max
        stated = head.headers.get("content-length", "0")
        if stated.isascii() and stated.isdigit() and int(stated[:20]) > bytes_max:
            raise too_large(served.route)
        is_admitted = bytes_max <= limits.UNKNOWN_BODY_BYTES_MAX
        parts = bytearray()
        stack.callback(lambda: self._hold(-len(parts)))
        pieces = request.stream().__aiter__()
        try:
            async with asyncio.timeout(limits.BODY_S_MAX):
                while piece := await _next(pieces, self._body_idle_s_max):
                    if len(parts) + len(piece) > bytes_max:
                        raise too_large(served.route)
                    if not is_admitted and len(parts) + len(piece) > limits.UNKNOWN_BODY_BYTES_MAX:
                        await self._endpoint.admit(head)
                        is_admitted = True
                    self._hold(len(piece))
                    parts += piece
        except TimeoutError as error:
            raise refuse(
                "too-slow", "The body took too long to arrive; try again, with less at once."
            ) from error
        return bytes(parts)

    def _hold(self, size: int) -> None:
        if size > 0 and self._bytes_held + size > self._body_bytes_held_max:
            raise refuse(
                "busy", "The server has too much to read; try again soon.", retry_after_s=1
            )
        self._bytes_held += size


async def _next(pieces: AsyncIterator[bytes], idle_s_max: float) -> bytes:
    """The next piece of a body that isn't empty; empty at its end."""
    async with asyncio.timeout(idle_s_max):
        async for piece in pieces:
            if piece:
                return piece
    return b""


async def _unless_gone(
    request: Request, answering: Coroutine[Any, Any, WireResponse]
) -> WireResponse:
    """Answer, but stop once the asker hangs up: a long poll must not outlive its device."""
    answer = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ClientDisconnect
        return answer.result()
    finally:
        for task in (answer, gone):
            task.cancel()


async def _hung_up(request: Request) -> None:
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return


async def _refused(request: Request, no: ProblemRaised) -> WireResponse:
    """Answer a request whose body was not read to its end, and close the connection after it.

    The rest is read and dropped, within bounds: who is still sending when we hang up gets a reset
    connection instead of our reason.
    """
    answer = problem_response(no.problem)
    answer = replace(answer, headers={**answer.headers, "connection": "close"})
    if no.problem.status == TOO_SLOW:
        return answer
    dropped = 0
    with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(limits.DRAIN_S_MAX):
            async for piece in request.stream():
                dropped += len(piece)
                if dropped > limits.DRAIN_BYTES_MAX:
                    break
    return answer


def _head(request: Request) -> WireRequest:
    headers = dict(request.headers.items())
    path = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    peer = request.client.host if request.client is not None else ""
    return WireRequest(request.method, path, query, headers, b"", peer)


def _check_headers(request: Request) -> None:
    size = sum(len(name) + len(value) + 4 for name, value in request.scope["headers"])
    if size > limits.HEADER_BYTES_MAX:
        raise refuse("headers-too-large", "The headers are larger than this server reads.")


def _request_id(head: WireRequest) -> str:
    """The asker's own name for the request if it is a sane one, else a new one."""
    stated = head.headers.get(REQUEST_ID_HEADER, "")
    return stated if _REQUEST_ID.fullmatch(stated) else secrets.token_hex(8)


def _log(
    head: WireRequest, status: int, began_s: float, sent: int, answered: int, request_id: str
) -> None:
    """One line: nothing in it is a secret, and nothing in it can begin another line."""
    known = any(route.path == head.path for route in routes.ALL)
    path = head.path if known else ascii(head.path[:80])
    log.info(
        "method=%s path=%s status=%d ms=%.1f in=%d out=%d id=%s",
        head.method[:10] if head.method.isalpha() else "?",
        path,
        status,
        (time.perf_counter() - began_s) * 1000,
        sent,
        answered,
        request_id,
    )
