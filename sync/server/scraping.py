"""Who may read the metrics: programs on this computer, and nobody through a proxy.

They say how busy a server is, which is nobody's business outside. There is no secret for it to get
wrong: who asks from another computer, or through a proxy on this one, hears what everybody hears at
an address where nothing is.
"""

import ipaddress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.server.endpoint import Endpoint

# What proxies add to what they pass on; one of them is enough.
_OF_PROXIES: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class ScrapeDoor:
    """The ASGI application behind the address of the metrics."""

    def __init__(self, endpoint: Endpoint, nothing_here: ASGIApp) -> None:
        """Let scrapes in to an endpoint; everybody else is for `nothing_here` to answer."""
        self._endpoint = endpoint
        self._nothing_here = nothing_here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.method != "GET" or not _is_from_here(request):
            await self._nothing_here(scope, receive, send)
            return
        answer = await self._endpoint.scrape()
        response = Response(answer.body, answer.status, headers=dict(answer.headers))
        await response(scope, receive, send)


def _is_from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # not a network address at all
        return False
