"""Who may talk to the app's page: the browser of the person who started it, and nobody else.

The server listens on loopback, but every program and web page on this machine can reach that. So:
- the path begins with a token that only whoever saw the start's one line knows;
- the Host header must be this machine's own name with our port, which a rebound DNS name is not;
- an Origin, which browsers send with a request of another site's script and with every web socket,
  must be our own;
- the page may load nothing from outside, said in a policy that the browser keeps to, even where a
  script asks for it (the client wants an animation runtime from a CDN, which we don't use).
"""

import secrets
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REFUSAL: Final = (
    "This page is not open to you, or belongs to an earlier start of Cairn. "
    "Use the address that Cairn showed when it started.\n"
)
_CLOSE_REFUSED: Final = 4403
_HOST_NAMES: Final = ("127.0.0.1", "localhost")


class Gate:
    """ASGI middleware that lets in only what carries the token and comes from our own page."""

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        """Guard an app that is mounted at `/<token>` and reached at `port`."""
        self._app = app
        self._token = token
        self._hosts = frozenset(f"{name}:{port}" for name in _HOST_NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._policy = _policy(sorted(self._hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 403."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif not self._is_allowed(scope):
            await _refuse(scope, receive, send)
        else:
            await self._app(scope, receive, self._guarded(send))

    def _is_allowed(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
        return (
            headers.get("host", "").lower() in self._hosts
            and (origin is None or origin.lower() in self._origins)
            and (origin is not None or scope["type"] == "http")
            and secrets.compare_digest(first.encode(), self._token.encode())
        )

    def _guarded(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        return send_with_headers


def _policy(hosts: list[str]) -> str:
    sockets = " ".join(f"ws://{host}" for host in hosts)
    return "; ".join(
        (
            "default-src 'self'",
            # The page configures itself in a script of its own; the engine is WebAssembly.
            "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob: {sockets}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _CLOSE_REFUSED, "reason": "not allowed"})
    else:
        await PlainTextResponse(_REFUSAL, status_code=403)(scope, receive, send)
