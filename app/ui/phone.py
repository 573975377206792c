"""The app on a phone or tablet: Flet runs this inside its own process, which shows it.

There is no command line and no browser; the home is where the system lets an app keep its data
(`app.locations`). The program is otherwise the same, without a server and its child processes.
"""

import asyncio
import logging
from pathlib import Path

import flet as ft

from app.locations import home_folder
from app.log_file import kept_log
from app.ui.opening import open_core
from app.ui.tab import tab_main


def main() -> None:
    """Run until the system ends the app, which it does without a word."""
    logging.basicConfig(level=logging.WARNING)
    home = home_folder(None)
    with kept_log(home):
        asyncio.run(_run(home))


async def _run(home: Path) -> None:
    async with open_core(home) as core:
        await ft.run_async(tab_main(core), no_cdn=True)
