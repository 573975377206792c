"""Does what a shortcut says, in one tab."""

from collections.abc import Sequence

import flet as ft

from app.ui.session import Session
from app.ui.shortcuts import Key, act_of


class Keyboard:
    """The keys of one tab; `screens` are the destinations in the order of their numbers."""

    def __init__(self, session: Session, screens: Sequence[str]) -> None:
        """Listen for a tab; `pressed` handles its key events."""
        self._session = session
        self._screens = tuple(screens)

    async def pressed(self, event: ft.KeyboardEvent) -> None:
        """Handle a key, wherever it was pressed."""
        key = Key(event.key, event.shift, event.ctrl or event.meta, event.alt)
        place = self._session.model.place
        act = act_of(key, typing=self._session.is_typing, dialog=self._session.has_dialog)
        match (act or "").split(":"):
            case ["undo"]:
                await self._session.undo()
            case ["redo"]:
                await self._session.redo()
            case ["close"]:
                self._close()
            case ["search"]:
                place.screen = "search"
            case ["view", view]:
                place.show(view)
            case ["screen", number] if int(number) <= len(self._screens):
                place.screen = self._screens[int(number) - 1]
            case ["add" | "sync" | "shortcuts" as dialog]:
                place.dialog = dialog

    def _close(self) -> None:
        """Close the innermost of what is open; a dialog closes itself."""
        model = self._session.model
        if self._session.has_dialog:
            return
        if model.rename.task:
            model.rename.task = ""
        elif model.selection.on:
            model.selection.clear()
        elif not self._session.is_typing:
            model.place.close()
