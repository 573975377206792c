"""The app in a window of its own: Flet's desktop client, talking to this process by a socket.

The client is a program of its own that may be missing, too old for the system, or stuck. It has to
show that it lives within a time; else it is ended, and whoever called shows the app another way.
"""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import flet as ft
from flet.controls.context import _context_page, context
from flet.messaging.flet_socket_server import FletSocketServer
from flet.messaging.session import Session

PageMain = Callable[[ft.Page], Awaitable[None]]

log = logging.getLogger(__name__)


async def show_window(main: PageMain, *, start_timeout_s: float) -> str | None:
    """Show the app in a window until it is closed.

    Args:
        main: called with the window's page.
        start_timeout_s: how long the client may take to connect.

    Returns:
        None once the window was closed; why there was none, in words that follow `because`.
    """
    connected = asyncio.Event()
    executor = ThreadPoolExecutor()
    server = FletSocketServer(
        loop=asyncio.get_running_loop(),
        on_session_created=_session_starter(main, connected),
        executor=executor,
    )
    await server.start()  # type: ignore[no-untyped-call]
    assert server.page_url is not None, "it listens"
    try:
        return await _run_client(server.page_url, connected, start_timeout_s)
    finally:
        await server.close()  # type: ignore[no-untyped-call]
        executor.shutdown(wait=False)


async def _run_client(page_url: str, connected: asyncio.Event, timeout_s: float) -> str | None:
    from flet_desktop import (  # type: ignore[import-untyped]
        close_flet_view,
        open_flet_view_async,
    )

    try:
        with contextlib.chdir(sys.prefix):  # else Flet starts any program in ./build/linux
            process, pid_file = await open_flet_view_async(page_url, None, False)
    except (OSError, RuntimeError, ValueError) as error:
        return f"its client can't be started ({error})"
    ended = asyncio.ensure_future(process.wait())
    try:
        began = asyncio.ensure_future(connected.wait())
        await asyncio.wait((ended, began), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        began.cancel()
        if not connected.is_set():
            return (
                f"its client ended at once (status {process.returncode})"
                if ended.done()
                else f"its client did not start within {timeout_s:.0f} s"
            )
        await _until_closed(ended)
        return None
    finally:
        with contextlib.suppress(OSError):  # it is gone already
            close_flet_view(pid_file)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await ended


async def _until_closed(ended: "asyncio.Future[int]") -> None:
    """Wait until the window is closed, or the process is told to stop."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(each, told.set)
    stop = asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait((ended, stop), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        for each in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(each)


def _session_starter(
    main: PageMain, connected: asyncio.Event
) -> Callable[[Session], Awaitable[None]]:
    """Do what Flet's own `run` does for a new session, and note that there is one."""

    async def start(session: Session) -> None:
        connected.set()
        _context_page.set(session.page)
        context.reset_auto_update()  # type: ignore[no-untyped-call]
        try:
            await main(session.page)
            await session.after_event(session.page)
        except Exception as error:  # the border of a window: shown in it
            log.exception("window outcome=fault")
            session.error(str(error))

    return start
