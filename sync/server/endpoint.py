"""From a request as it travels to a reply as it travels: routes, encodings, lanes, problems.

No HTTP library in here, so that the memory transport asks the very same code. This is the border
where an exception that nobody foresaw becomes an answer: it is logged with its trace, and the asker
hears `internal` without one.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from store.errors import HomeBusy, StoreError
from sync.protocol import codec, routes
from sync.protocol.messages import WaitQuery
from sync.protocol.problems import Problem, ProblemRaised, refuse
from sync.protocol.routes import Route
from sync.protocol.version import PREFIX, PROTOCOL_VERSION
from sync.protocol.wire import REQUEST_ID_HEADER, WireRequest, WireResponse
from sync.server import limits
from sync.server.lanes import Lane, Lanes
from sync.server.metrics import CONTENT_TYPE, PATH
from sync.server.negotiation import body_encoding, body_media_type, reply_media_type, wants_zstd
from sync.server.service import Asker, Service

log = logging.getLogger("cairn.server")

_OTHER_VERSION: Final = re.compile(r"/v\d{1,6}/")
_TOKEN: Final = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{1,100}) *")


@dataclass(frozen=True, slots=True)
class Served:
    """A route, the method that answers it, and the lane that it blocks."""

    route: Route[Any, Any, Any]
    answer: Callable[[Asker, Any], msgspec.Struct]
    lane: Lane


class Endpoint:
    """Answers requests.

    Attributes:
        metrics: what the service's operator can see.
    """

    def __init__(self, service: Service, lanes: Lanes) -> None:
        """Answer with a service's methods, run on lanes."""
        self.metrics = service.metrics
        self._service = service
        self._lanes = lanes
        self._routes = {
            (served.route.path, served.route.method): served for served in _table(service)
        }
        self._paths = {path for path, _ in self._routes}

    async def exchange(self, request: WireRequest, *, served: Served | None = None) -> WireResponse:
        """Answer a request; never raises but for cancellation.

        Args:
            request: with its whole body.
            served: what `screen` gave for its head, where it was screened before.
        """
        return await _at_the_border(request.path, self._exchange(request, served))

    async def scrape(self) -> WireResponse:
        """Write the metrics; never raises but for cancellation."""
        return await _at_the_border(PATH, self._scrape())

    def screen(self, head: WireRequest) -> Served:
        """Judge a request by everything but its body, before that is read.

        Raises:
            ProblemRaised: wrong address, method, form or size; too often; no token.
        """
        self._service.wakeups.check_running()
        served = self._find(head)
        route = served.route
        reply_media_type(head)
        if route.body is not None:
            body_media_type(head)
            body_encoding(head)
        elif head.body or head.headers.get("content-length", "0") != "0":
            raise refuse("malformed", f"{route.method} {route.path} takes no body.")
        if len(head.body) > route.body_bytes_max:
            raise too_large(route)
        asker = asker_of(head)
        self._service.check_rate(asker)
        if route.token and asker.token is None:
            self._service.check_known(asker)  # says what to do about it
        return served

    async def admit(self, head: WireRequest) -> None:
        """Check that the token is good, before a large body is read; raises ProblemRaised."""
        asker = asker_of(head)
        try:
            await self._lanes.run(Lane.READ, lambda: self._service.check_known(asker))
        except StoreError as failure:
            log.warning("store: %s", failure)
            raise ProblemRaised(_store_problem(failure)) from failure

    async def _exchange(self, request: WireRequest, served: Served | None) -> WireResponse:
        found = served or self.screen(request)
        if found.route is routes.WAIT:
            return await self._wait(request)
        return await self._lanes.run(found.lane, lambda: self._answer(found, request))

    async def _scrape(self) -> WireResponse:
        text = await self._lanes.run(Lane.READ, self.metrics.text)
        return WireResponse(200, {"content-type": CONTENT_TYPE, "cache-control": "no-store"}, text)

    def _find(self, head: WireRequest) -> Served:
        if len(head.path) > limits.PATH_CHARS_MAX or len(head.query) > limits.QUERY_CHARS_MAX:
            raise refuse("address-too-long", "The address is longer than any that exists here.")
        served = self._routes.get((head.path, head.method))
        if served is not None:
            return served
        if head.path in self._paths:
            raise refuse("method-not-allowed", f"{head.path} is not there for that method.")
        if _OTHER_VERSION.match(head.path) and not head.path.startswith(f"{PREFIX}/"):
            raise refuse(
                "unsupported-version",
                f"This server speaks version {PROTOCOL_VERSION} of the protocol; "
                "update the older of the two programs.",
            )
        raise refuse("not-found", "There is nothing at this address.")

    def _answer(self, served: Served, request: WireRequest) -> WireResponse:
        """Decode, answer, encode. Runs on a worker thread."""
        message = _message(served.route, request)
        return _reply(request, served.answer(asker_of(request), message))

    async def _wait(self, request: WireRequest) -> WireResponse:
        """A long poll. No thread is held while it waits."""
        query = _query(request, WaitQuery)
        asker = asker_of(request)

        def look() -> Any:
            return self._service.hint(asker, query)

        replica = await self._lanes.run(
            Lane.READ, lambda: self._service.replica_of(asker, query.space)
        )
        with self._service.wakeups.waiting(query.space, replica) as woken:
            hint = await self._lanes.run(Lane.READ, look)
            if not hint.news and query.timeout_s > 0:
                # Whoever hears of receipts comes back at once, so they are told a few at a time.
                patience_s = limits.RECEIPTS_PAUSE_S if hint.receipts else query.timeout_s
                try:
                    async with asyncio.timeout(min(patience_s, query.timeout_s)):
                        await woken.wait()
                except TimeoutError:
                    pass  # no news is an answer too
                self._service.wakeups.check_running()
                hint = await self._lanes.run(Lane.READ, look)
        return _reply(request, hint)


async def _at_the_border(path: str, answering: Awaitable[WireResponse]) -> WireResponse:
    """Await an answer; whatever else comes out of it becomes one."""
    try:
        return await answering
    except ProblemRaised as no:
        return problem_response(no.problem)
    except StoreError as failure:
        log.warning("store: %s", failure)
        return problem_response(_store_problem(failure))
    except Exception:  # the border of the server: logged with its trace
        log.exception("unforeseen in %s", path[: limits.PATH_CHARS_MAX])
        return problem_response(
            refuse("internal", "The server made a mistake; its log says which.").problem
        )


def asker_of(request: WireRequest) -> Asker:
    """Read who asks from the headers; a malformed token is answered like an unknown one."""
    stated = request.headers.get("authorization")
    if stated is None:
        return Asker(None, request.peer)
    match = _TOKEN.fullmatch(stated)
    return Asker(match.group(1) if match else "malformed", request.peer)


def problem_response(problem: Problem) -> WireResponse:
    """Write a problem as an answer."""
    headers = {"content-type": codec.PROBLEM}
    if problem.retry_after is not None:
        headers["retry-after"] = str(max(1, round(problem.retry_after)))
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    return WireResponse(problem.status, headers, codec.encode(problem, codec.JSON))


def with_request_id(response: WireResponse, request_id: str) -> WireResponse:
    """Name the request in the answer, in a problem's body too, so that the log can be searched."""
    headers = {**response.headers, REQUEST_ID_HEADER: request_id}
    if headers["content-type"] != codec.PROBLEM:
        return replace(response, headers=headers)
    problem = codec.decode(response.body, Problem, codec.JSON)
    named = msgspec.structs.replace(problem, request_id=request_id)
    return WireResponse(response.status, headers, codec.encode(named, codec.JSON))


def too_large(route: Route[Any, Any, Any]) -> ProblemRaised:
    """The problem of a body above the route's limit."""
    return refuse(
        "too-large",
        f"The body is larger than the {route.body_bytes_max} bytes allowed here; send less.",
    )


def _message(route: Route[Any, Any, Any], request: WireRequest) -> msgspec.Struct:
    try:
        if route.body is None:
            message: msgspec.Struct = _query(request, route.query)
        else:
            codec.check_digest(request.body, request.headers.get(codec.DIGEST_HEADER))
            body = request.body
            if body_encoding(request) == "zstd":
                body = codec.expand(body, bytes_max=route.body_raw_bytes_max)
            message = codec.decode(body, route.body, body_media_type(request))
    except codec.Damaged as error:
        raise refuse("damaged", str(error)) from error
    except codec.Malformed as error:
        raise refuse("malformed", str(error)) from error
    except codec.Oversize as error:
        raise refuse("too-large", f"{error} Send less at once.") from error
    return message


def _query(request: WireRequest, shape: type[Any]) -> Any:
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=20)
        fields = dict(pairs)
    except ValueError as error:
        raise refuse("malformed", "The query has too many fields.") from error
    if len(fields) != len(pairs):
        raise refuse("malformed", "A field of the query stands there twice.")
    try:
        return codec.convert(fields, shape)
    except (codec.Malformed, codec.Oversize) as error:
        raise refuse("malformed", f"In the query: {error}") from error


def _reply(request: WireRequest, message: msgspec.Struct) -> WireResponse:
    media_type = reply_media_type(request)
    body = codec.encode(message, media_type)
    headers = {"content-type": media_type, "cache-control": "no-store"}
    if len(body) >= codec.COMPRESS_FROM_BYTES and wants_zstd(request):
        body = codec.compress(body)
        headers["content-encoding"] = "zstd"
    headers[codec.DIGEST_HEADER] = codec.digest_of(body)
    return WireResponse(200, headers, body)


def _store_problem(failure: StoreError) -> Problem:
    if isinstance(failure, HomeBusy):
        return refuse("busy", "The server's disk is busy; try again soon.", retry_after_s=2).problem
    return refuse(
        "storage",
        "The server can't use its storage; nothing was lost, and whoever runs it has to look.",
        retry_after_s=30,
    ).problem


def _table(service: Service) -> tuple[Served, ...]:
    return (
        Served(routes.HEALTH, service.health, Lane.WRITE),
        Served(routes.CREATE_SPACE, service.create_space, Lane.WRITE),
        Served(routes.CREATE_INVITE, service.invite, Lane.WRITE),
        Served(routes.JOIN, service.join, Lane.WRITE),
        Served(routes.DEVICES, service.devices, Lane.READ),
        Served(routes.REVOKE, service.revoke, Lane.WRITE),
        Served(routes.ROLE, service.change_role, Lane.WRITE),
        Served(routes.REKEY, service.rekey, Lane.WRITE),
        Served(routes.HELLO, service.hello, Lane.READ),
        Served(routes.PUSH, service.push, Lane.PUSH),
        Served(routes.PULL, service.pull, Lane.READ),
        Served(routes.HEADS, service.heads, Lane.READ),
        Served(routes.CHANGES, service.changes, Lane.READ),
        Served(routes.WAIT, service.hint, Lane.READ),
        Served(routes.PROBE, service.send_probe, Lane.READ),
        Served(routes.PROBED, service.probe_outcome, Lane.READ),
        Served(routes.COMMANDS, service.commands, Lane.WRITE),
        Served(routes.OFFER, service.offer, Lane.WRITE),
    )
