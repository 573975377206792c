"""What the system does with the app: shows it, hides it, may kill it without a word while hidden.

    hidden, paused, without the keyboard    what was typed becomes changes
    shown again                             a round of sync at once; sparing on a low battery

A phone freezes an app that is hidden, so nothing is begun then that would have to end later.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import flet as ft

from app.ui.core import AppCore

_LEAVING: Final = frozenset(
    {
        ft.AppLifecycleState.HIDE,
        ft.AppLifecycleState.INACTIVE,
        ft.AppLifecycleState.PAUSE,
        ft.AppLifecycleState.DETACH,
    }
)
_PHONES: Final = frozenset({ft.PagePlatform.ANDROID, ft.PagePlatform.IOS})

AskSaving = Callable[[], Awaitable[bool]]

log = logging.getLogger(__name__)


class LifeCycle:
    """Of one page.

    Args:
        core: what all pages share.
        ask_saving: tells whether the device saves its battery.
    """

    def __init__(self, core: AppCore, ask_saving: AskSaving) -> None:
        self._core = core
        self._ask_saving = ask_saving

    async def changed(self, event: ft.AppLifecycleStateChangeEvent) -> None:
        """Do what a new state asks for."""
        if event.state in _LEAVING:
            await self._core.keep_typed()
        elif event.state is ft.AppLifecycleState.SHOW:
            await self.shown()

    async def shown(self) -> None:
        """Catch up."""
        await self.began()
        self._core.sync.retry_now()

    async def began(self) -> None:
        """Sync as sparingly as the battery asks for."""
        self._core.sync.save_power(saving=await self._ask_saving())


def battery_of(page: ft.Page) -> AskSaving:
    """Give the question for the battery of what shows a page; answered no where it has none."""
    if page.web or page.platform not in _PHONES:
        return _never
    battery = ft.Battery()

    async def ask() -> bool:
        try:
            return await battery.is_in_battery_save_mode()
        except RuntimeError as error:  # Flet's word for: this device can't tell
            log.info("battery outcome=unknown reason=%s", error)
            return False

    return ask


async def _never() -> bool:
    return False
