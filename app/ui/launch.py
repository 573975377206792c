"""How the app starts: opens the home, begins to sync, and shows itself where that is possible here.

    a screen and the client      a window
    a screen, no client          the browser, with one line that says why
    no screen                    the address, for a browser
    over SSH                     the address, and the tunnel to type at the other machine
    the window doesn't come      the browser, with one line that says why

Flet, the engine and the store take most of a second to load, so they are imported where used.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.log_file import kept_log
from app.ui.surface import Mode, Surface, choose_surface, has_window_client, tunnel_command
from store.domain.errors import Refused

if TYPE_CHECKING:
    from app.ui.core import AppCore
    from app.ui.web_server import PageMain

WINDOW_TIMEOUT_S: Final = 20.0  # for all of it: fetching the client, and its start
FETCHER: Final = "app.ui.fetch_client"


def run_app(
    home: Path,
    *,
    mode: Mode | None = "auto",
    port: int | None = None,
    invitation: str = "",
) -> int:
    """Run the app until its window is closed, or the process is told to stop.

    Args:
        home: the replica's folder; made if it isn't there.
        mode: where to show it; None is the same as auto.
        port: of the page in browser mode; any free one by default.
        invitation: an invite link to begin with; a person decides whether to join.

    Returns:
        The exit status.

    Raises:
        StoreError: the home can't be used as it is.
        Refused: the port is taken.
    """
    from importlib.metadata import version

    logging.basicConfig(format="cairn: %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # the log file has more
    has_client = has_window_client(os.environ, Path.home(), version("flet"))
    surface = choose_surface(mode or "auto", os.environ, has_client=has_client)
    with kept_log(home):
        asyncio.run(_run(home, surface, port, invitation))
    return 0


async def _run(home: Path, surface: Surface, port: int | None, invitation: str) -> None:
    from app.ui.opening import open_core

    async with open_core(home) as core:
        core.invitation = invitation
        await _show(core, surface, port)


async def _show(core: AppCore, surface: Surface, port: int | None) -> None:
    from app.ui.tab import tab_main

    main = tab_main(core)
    why_not = surface.why_no_window
    if surface.in_window:
        why_not = await _in_window(main, surface)
        if why_not is None:
            return
    if why_not is not None:
        _tell(f"no window, because {why_not}; a browser shows the app")
    await _in_browser(main, surface, port)


async def _in_window(main: PageMain, surface: Surface) -> str | None:
    """Show the app in a window until it is closed; say why there was none."""
    from app.ui.window import show_window

    began_s = time.monotonic()
    if not surface.has_client and not await _fetch_client():
        return "its client is not here and can't be fetched"
    left_s = max(WINDOW_TIMEOUT_S - (time.monotonic() - began_s), 1.0)
    return await show_window(main, start_timeout_s=left_s)


async def _fetch_client() -> bool:
    """Fetch the window's client, in a process of its own that can be given up."""
    fetching = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", FETCHER),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(fetching.wait(), WINDOW_TIMEOUT_S) == 0
    except TimeoutError:
        fetching.kill()
        await fetching.wait()
        return False


async def _in_browser(main: PageMain, surface: Surface, port: int | None) -> None:
    """Show the app as a page until the process is told to stop."""
    from app.ui.web_server import HOST, listen, new_token, page_app, serve

    try:
        bound = listen(port)
    except OSError as error:
        raise Refused(
            f"Port {port} of this computer can't be used ({error.strerror}); choose another."
        ) from None
    with bound:
        own_port: int = bound.getsockname()[1]
        token = new_token()
        url = f"http://{HOST}:{own_port}/{token}/"

        def ready() -> None:
            sys.stdout.write(f"Cairn is open at {url}\n")
            if surface.over_ssh:
                command = tunnel_command(own_port, os.environ)
                sys.stdout.write(f"At the machine you sit at, type: {command}\n")
            sys.stdout.flush()
            if surface.opens_browser:
                # A browser's start-up script may hang for as long as the browser runs.
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        await serve(page_app(main, token=token, port=own_port), bound, ready)


def _tell(line: str) -> None:
    sys.stderr.write(f"cairn: {line}\n")
    sys.stderr.flush()
