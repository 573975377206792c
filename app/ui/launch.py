"""How the app starts: opens the home, begins to sync, and shows itself where that is possible here.

    a screen and the client      a window
    a screen, no client          the browser, with one line that says why
    no screen                    the address, for a browser
    over SSH                     the address, and the tunnel to type at the other machine
    the window doesn't come      the browser, with one line that says why
"""

import asyncio
import logging
import os
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

from app.ui.surface import Mode, Surface, choose_surface, has_window_client, tunnel_command
from store.domain.errors import Refused

log = logging.getLogger(__name__)


def run_app(home: Path, *, mode: Mode | None = "auto", port: int | None = None) -> int:
    """Run the app until its window is closed, or the process is told to stop.

    Args:
        home: the replica's folder; made if it isn't there.
        mode: where to show it; None is the same as auto.
        port: of the page in browser mode; any free one by default.

    Returns:
        The exit status.

    Raises:
        StoreError: the home can't be used as it is.
        Refused: the port is taken.
    """
    import flet.version

    logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.WARNING)
    client = has_window_client(os.environ, Path.home(), flet.version.flet_version)
    surface = choose_surface(mode or "auto", os.environ, has_client=client)
    asyncio.run(_run(home, surface, port, client_missing=(mode or "auto") == "auto" and not client))
    return 0


async def _run(home: Path, surface: Surface, port: int | None, *, client_missing: bool) -> None:
    # Flet, the engine and the store are 0.7 s of loading: only once it is clear what is shown.
    from app.cli.opening import open_replica
    from app.ui.background import RunningSync
    from app.ui.core import AppCore
    from app.ui.first_run import prepare_home

    with open_replica(home) as replica:
        await asyncio.to_thread(prepare_home, replica)
        core = AppCore(replica, RunningSync(replica))
        await core.start()
        try:
            await _show(core, surface, port, client_missing=client_missing)
        finally:
            await core.stop()


async def _show(
    core: "AppCore", surface: Surface, port: int | None, *, client_missing: bool
) -> None:
    from app.ui.tab import tab_main

    main = tab_main(core)
    if surface.in_window:
        from app.ui.window import show_window

        why = await show_window(main)
        if why is None:
            return
        _tell(f"no window, because {why}; a browser shows the app")
    elif client_missing and surface.opens_browser:
        _tell("no window, because its client is not here (make setup fetches it)")
    await _show_page(main, surface, port)
