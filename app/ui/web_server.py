"""The app as a page on loopback: Flet's client and web socket behind our gate, with our fonts.

Everything that the page needs is in the wheel of `flet-web`; nothing is fetched from outside.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import flet as ft
import uvicorn
from flet_web.fastapi import (  # type: ignore[import-untyped]
    FletApp,
    FletStaticFiles,
    app_manager,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from app.ui.fonts import font_for
from app.ui.web_gate import Gate

HOST: Final = "127.0.0.1"
TOKEN_BYTES: Final = 18
# A laptop that slept over lunch finds its page as it was; longer, and the page starts anew.
SESSION_TIMEOUT_S: Final = 3_600
_STOP_TIMEOUT_S: Final = 2

PageMain = Callable[[ft.Page], Awaitable[None]]


def listen(port: int | None) -> socket.socket:
    """Take a port of loopback: the one asked for, or any free one.

    Raises:
        OSError: the port is taken.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port or 0))
    except OSError:
        bound.close()
        raise
    return bound


def new_token() -> str:
    """Make the secret part of the page's address, anew for each start."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def page_app(main: PageMain, *, token: str, port: int) -> ASGIApp:
    """Put the page together, to be served at `http://127.0.0.1:<port>/<token>/`.

    Args:
        main: called for each tab that opens, with its Flet page.
        token: the secret part of the address.
        port: the port that browsers will name.
    """

    async def web_socket(web_socket: WebSocket) -> None:
        await FletApp(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=main,
            before_main=None,
            session_timeout_seconds=SESSION_TIMEOUT_S,
        ).handle(web_socket)

    files = FletStaticFiles(
        app_name="Cairn",
        app_description="Tasks and notes that work offline first.",
        no_cdn=True,
        web_renderer=ft.WebRenderer.CANVAS_KIT,
        websocket_endpoint_path="ws",
    )
    inner = Mount(
        f"/{token}",
        routes=[
            WebSocketRoute("/ws", web_socket),
            Route("/assets/fonts/{family}/{rest:path}", _fallback_font),
            Mount("/", files),
        ],
    )
    return Gate(Starlette(routes=[inner], lifespan=_lifespan), token=token, port=port)


async def serve(app: ASGIApp, bound: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until the process is told to stop (Ctrl+C, SIGTERM).

    Args:
        app: what is served.
        bound: where it listens.
        on_ready: called once a browser may come.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
    )
    await _Server(config, on_ready).serve(sockets=[bound])


class _Server(uvicorn.Server):
    """A server that ends quietly on a signal, so that the home is closed in order afterwards."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal; uvicorn's own way would raise it again at the end."""
        with stop_on_signals(self._stop):
            yield

    def _stop(self) -> None:
        self.should_exit = True


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on Ctrl+C and SIGTERM instead of ending at once, while the block runs."""
    import signal

    before = {
        each: signal.signal(each, lambda *_: stop()) for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    await app_manager.start()
    yield
    await app_manager.shutdown()


async def _fallback_font(request: Request) -> Response:
    path = await asyncio.to_thread(font_for, request.path_params["family"])
    return FileResponse(
        path,
        media_type="font/ttf",
        headers={"cache-control": "private, max-age=31536000, immutable"},
    )
