"""A one-line field that shows what is stored and saves what was typed when one leaves it.

Who closes the tab or the app leaves it too (`Session.keep_fields`). The page owns the text while
somebody types: what is drawn anew keeps what the page has, so that no keystroke on its way is
undone. A value that comes from elsewhere is shown unless one is typing; what was typed is then
saved as written on what one saw when one began.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.ui.components.field_focus import use_focus
from app.ui.direction import is_from_right
from app.ui.effects import use_end
from app.ui.session import Session

Seen = tuple[Any, ...]
"""What a value was read from, in the words of whoever saves it: heads of a version, tags."""


@dataclass(frozen=True, slots=True)
class Saved:
    """How saving went.

    Attributes:
        seen: what one has seen by that beside what one saw before: one's own words.
        shown: what stands there now, as it is shown; None where that is what was typed.
        has_moved: whether something else stands there now than before. If not, lists go on showing
            what somebody else wrote beside it, or it was the same in other words.
    """

    seen: Seen = ()
    shown: str | None = None
    has_moved: bool = True


Save = Callable[[str, Seen], Awaitable[Saved | None]]
"""Saves a text that was typed on what was seen; None where it was refused, and that was told."""

REPLACES: Final = "yours replaces it"


async def _nothing() -> None:
    """Nothing was typed yet."""


@dataclass
class _Typed:
    """What one field remembers between two drawings.

    What one has seen is what the value shown in the field was read from, and one's own words. What
    is drawn while one goes on behind one's own words counts only once one has left the field: it
    may hold what somebody else wrote beside them.
    """

    control: ft.Ref[ft.TextField] = field(default_factory=ft.Ref)
    stored: str = ""
    text: str = ""
    own: str | None = None  # what was saved last, as it is shown
    drawn: Seen = ()
    seen: Seen = ()
    own_seen: Seen = ()
    is_dirty: bool = False
    is_focused: bool = False
    begun_with: str = ""
    begun_seen: Seen = ()
    commit: Callable[[], Awaitable[None]] = _nothing

    async def keep(self) -> None:
        """Save what was typed and is not saved."""
        await self.commit()

    def takes(self, text: str) -> None:
        """Take in a keystroke."""
        if not self.is_dirty:
            self.begun_with, self.begun_seen = self.stored, self.seen
        self.text, self.is_dirty = text, True

    async def saved(self, save: Save) -> bool:
        """Save what was typed; False where what is stored has to come back."""
        if not self.is_dirty:
            return True
        self.is_dirty = False
        if self.text == self.stored:
            return True
        self.own = self.text
        saved = await save(self.text, (*self.begun_seen, *self.own_seen))
        if saved is not None:
            self.own_seen = saved.seen or self.own_seen
            self.own = self.own if saved.shown is None else saved.shown
        if self.is_dirty or (saved is not None and saved.has_moved):
            return True  # one types on, or sees one's own words
        self.control = ft.Ref()  # forget what the page has
        self.seen = self.drawn
        if saved is not None:
            self.own, self.own_seen = None, ()  # the value shown from now on is another one
        return False

    def rests(self) -> None:
        """Note that one has left the field, and looks at what is there."""
        if not self.is_dirty:
            self.seen = self.drawn

    def meanwhile(self, then: str) -> str | None:
        """Say what somebody wrote there since one began to type, and what leaving will do."""
        if not self.is_dirty or self.stored in (self.begun_with, self.text, self.own):
            return None
        there = f"“{self.stored}”" if self.stored else "nothing"
        return f"Meanwhile {there} was written here; {then}."

    def to_show(self, stored: str, seen: Seen) -> str:
        """Choose between what is stored and what the page has."""
        there = self.control.current
        is_others = stored not in (self.stored, self.own)
        if there is None or (stored != self.stored and not self.is_dirty):
            shown = stored
        else:
            shown = there.value
        if there is None or (not self.is_dirty and (is_others or not self.is_focused)):
            self.seen = seen
        self.stored, self.drawn = stored, seen
        return shown


@ft.component
def SavedField(  # noqa: N802 - components are named as what they draw
    label: str,
    value: str,
    save: Save,
    session: Session,
    *,
    seen: Seen = (),
    meanwhile: str = REPLACES,
    hint: str | None = None,
    expand: bool | int = False,
    autofocus: bool = False,
    read_only: bool = False,
) -> ft.Control:
    """Draw the field.

    Args:
        label: its name.
        value: what is stored.
        save: saves what was typed; where nothing comes of that, what is stored comes back.
        session: the tab.
        seen: what the value was read from.
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

    def entered(_: Any) -> None:
        typed.is_focused = True
        focused(True)

    async def left(_: Any) -> None:
        typed.is_focused = False
        focused(False)
        await commit()
        typed.rests()

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
    shown = typed.to_show(value, seen)
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
        on_focus=entered,
        on_blur=left,
    )
