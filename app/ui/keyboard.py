"""Does what a shortcut says, in one tab."""

from collections.abc import Sequence

import flet as ft

from app.ui.session import Session
from app.ui.shortcuts import Key, act_of, sign_of


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
        act = await self._act_of(key)
        match (act or "").split(":"):
            case ["undo" | "redo" | "move" as change, *by]:
                await self._change(change, *by)
            case ["close"]:
                self._close()
            case ["search"]:
                self._go("search")
            case ["view", view]:
                place.show(view)
            case ["screen", number]:
                self._go(dict(enumerate(self._screens, 1)).get(int(number), place.screen))
            case ["add" | "sync" | "shortcuts" as dialog]:
                self._open(dialog)

    async def _act_of(self, key: Key) -> str | None:
        hearing = self._session.hearing
        if len(key.key) > 1 or key.ctrl:  # an arrow, Home, Enter; not a sign
            hearing.moves += 1
        await hearing.settled()
        if hearing.awaits_field and (sign := sign_of(key)) is not None:
            hearing.typed_early(sign)
            return None
        return act_of(key, typing=hearing.is_typing, dialog=self._session.has_dialog)

    async def _change(self, change: str, by: str = "") -> None:
        step = self._session.model.step
        if change == "undo":
            await self._session.undo()
        elif change == "redo":
            await self._session.redo()
        elif step is not None:  # a list of tasks is drawn
            await step(int(by))

    def _open(self, dialog: str) -> None:
        if dialog == "add":  # what is pressed next may be here before its field
            self._session.hearing.field_comes()
        self._session.model.place.dialog = dialog

    def _go(self, screen: str) -> None:
        place = self._session.model.place
        if screen == "search":  # likewise
            self._session.hearing.field_comes()
            place.search_turn += 1
        place.screen = screen

    def _close(self) -> None:
        """Close the innermost of what is open."""
        model = self._session.model
        self._session.hearing.field_stays_away()
        if self._session.has_dialog:
            # The page closes a dialog by itself, but not one that it has only begun to draw.
            self._session.close_dialog()
            return
        if model.rename.task:
            model.rename.task = ""
        elif model.selection.on:
            model.selection.clear()
        elif not self._session.hearing.is_typing:
            model.place.close()
