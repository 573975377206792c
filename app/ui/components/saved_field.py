"""A one-line field that shows what is stored and saves what was typed when one leaves it.

Who closes the tab or the app leaves it too (`Session.keep_fields`). The page owns the text while
somebody types: what is drawn anew keeps what the page has, so that no keystroke on its way is
undone. A value that comes from elsewhere is shown unless one is typing. What one typed is saved
together with what stood there as one began, so that nothing is replaced that one did not see.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.ui.components.field_focus import use_focus
from app.ui.direction import is_from_right
from app.ui.effects import use_end
from app.ui.session import Session

Save = Callable[[str, str], Awaitable[bool | None]]
"""Saves what was typed, given that and what stood there as one began; False where nothing else
stands there now than before, None where it was refused, which was told."""

_REPLACES: Final = "yours replaces it"


async def _nothing() -> None:
    """Nothing was typed yet."""


@dataclass
class _Typed:
    """What one field remembers between two drawings."""

    control: ft.Ref[ft.TextField] = field(default_factory=ft.Ref)
    stored: str = ""
    text: str = ""
    on_page: str = ""
    own: str | None = None  # what was saved last
    is_dirty: bool = False
    begun_with: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    commit: Callable[[], Awaitable[None]] = _nothing

    async def keep(self) -> None:
        """Save what was typed and is not saved."""
        await self.commit()

    def takes(self, text: str) -> None:
        """Take in a keystroke."""
        if not self.is_dirty:
            self.begun_with = self.on_page
        self.text, self.on_page, self.is_dirty = text, text, True

    async def saved(self, save: Save) -> bool:
        """Save what was typed; False where what is stored has to come back."""
        async with self.turn:  # what was typed meanwhile goes on from what is saved here
            if not self.is_dirty:
                return True
            self.is_dirty = False
            if self.text == self.begun_with == self.stored:
                return True
            begun_with, self.own = self.begun_with, self.text
            has_moved = self.text != begun_with and await save(self.text, begun_with)
            if has_moved is None and self.is_dirty:
                self.begun_with, self.own = begun_with, None  # nothing of it came to stand there
            if has_moved or self.is_dirty:
                return True
            self.own = None
            self.control = ft.Ref()  # forget what the page has
            return False

    def meanwhile(self, then: str) -> str | None:
        """Say what somebody wrote there since one began to type, and what leaving will do."""
        if not self.is_dirty or self.stored in (self.begun_with, self.text, self.own):
            return None
        there = f"“{self.stored}”" if self.stored else "nothing"
        return f"Meanwhile {there} was written here; {then}."

    def to_show(self, stored: str) -> str:
        """Choose between what is stored and what the page has."""
        there = self.control.current
        if there is None or (stored != self.stored and not self.is_dirty):
            shown = stored
        else:
            shown = there.value
        self.stored = stored
        if not self.is_dirty:
            self.on_page = shown
        return shown


@ft.component
def SavedField(  # noqa: N802 - components are named as what they draw
    label: str,
    value: str,
    save: Save,
    session: Session,
    *,
    meanwhile: str = _REPLACES,
    hint: str | None = None,
    expand: bool | int = False,
    autofocus: bool = False,
    read_only: bool = False,
) -> ft.Control:
    """Draw the field.

    Args:
        label: its name.
        value: what is stored.
        save: saves what was typed; False brings the stored value back.
        session: the tab.
        meanwhile: what saving does with what somebody else wrote there while one typed.
        hint: shown while it is empty.
        expand: as Flet's.
        autofocus: whether it takes the keyboard when it appears.
        read_only: whether nobody may type here.
    """
    typed = ft.use_memo(_Typed, [])
    focused = use_focus(session.typing_in)
    _, draw_again = ft.use_state(0)
    # Only once: a field that is turned round loses the keyboard.
    from_right = ft.use_memo(lambda: is_from_right(value), [])

    async def commit() -> None:
        if not await typed.saved(save):
            draw_again(lambda count: count + 1)

    async def left(_: Any) -> None:
        focused(False)
        await commit()

    async def submitted(_: Any) -> None:
        await commit()

    def changed(event: Any) -> None:
        typed.takes(event.data)

    async def gone() -> None:
        session.fields.discard(typed.keep)
        await commit()

    typed.commit = commit
    session.fields.add(typed.keep)
    use_end(gone)
    shown = typed.to_show(value)
    return ft.TextField(
        ref=typed.control,
        label=label,
        value=shown,
        rtl=from_right,
        hint_text=hint,
        helper=typed.meanwhile(meanwhile),
        helper_max_lines=3,
        expand=expand,
        autofocus=autofocus,
        read_only=read_only,
        dense=True,
        on_change=changed,
        on_submit=submitted,
        on_focus=lambda _: focused(True),
        on_blur=left,
    )
