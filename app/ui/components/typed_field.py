"""A field whose text belongs to the page until it is used: search, quick add, forms.

A handler reads `Typing.text` when it runs: what it was drawn with may be a keystroke old by then.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.ui.ahead import Ahead
from app.ui.components.field_focus import FieldFocus, Focus, use_focus
from app.ui.effects import use_end


class Typing:
    """What is typed into one field; made by `use_typing`."""

    def __init__(self, text: str, focus: FieldFocus) -> None:
        """Begin with a text."""
        self.text = text
        self.focus = focus
        self.control: ft.Ref[ft.TextField] = ft.Ref()
        self.draw: Callable[[], None] = lambda: None
        self.take_early: Callable[[], str] = str
        self.is_gone = False
        self._is_used = False
        self._ahead: Ahead | None = None

    def goes(self) -> None:
        """Note that the field is drawn no more."""
        self.is_gone = True

    def changed(self, text: str) -> None:
        """Take in what the page says."""
        if self._ahead is None or (wanted := self._ahead.typed(text)) == text:
            self.text = text
            self.draw()
        else:
            self._push(wanted)

    def focused(self) -> None:
        """Take in that the field has the keyboard, and what was typed for it before that."""
        self.focus(True)
        if early := self.take_early():
            self._ahead = Ahead(self.text, early)
            self._push(self._ahead.wanted)

    async def once(self, use: Callable[[], Awaitable[None]]) -> None:
        """Use what is typed, unless that is under way: Enter may come twice, or with its button."""
        if not self._is_used:
            self._is_used = True
            try:
                await use()
            finally:
                self._is_used = False

    def clear(self) -> None:
        """Empty the field."""
        self.put("")

    def put(self, text: str) -> None:
        """Put a text into the field."""
        self._ahead = None
        self._push(text)

    def _push(self, text: str) -> None:
        self.control = ft.Ref()  # forget what the page has
        self.text = text
        self.draw()

    def to_show(self) -> str:
        """Give what the page has; no keystroke on its way is undone by drawing anew."""
        there = self.control.current
        return self.text if there is None else there.value


def use_typing(text: str = "") -> Typing:
    """Keep what is typed into one field; the component is drawn anew with every keystroke."""
    focus = use_focus(_untold)
    typed = ft.use_memo(lambda: Typing(text, focus), [])
    _, count = ft.use_state(0)
    use_end(typed.goes)
    typed.draw = lambda: count(lambda drawn: drawn + 1)
    return typed


def typed_field(
    typed: Typing,
    label: str,
    focus: Focus,
    *,
    hint: str | None = None,
    icon: ft.IconData | None = None,
    lines: int = 1,
    expand: bool = False,
    autofocus: bool = False,
    on_submit: Any = None,
) -> ft.TextField:
    """Draw the field.

    Args:
        typed: its text.
        label: its name.
        focus: told True when one begins to type here and False afterwards.
        hint: shown while it is empty.
        icon: at its start.
        lines: how many it shows; more than one make Enter a line break.
        expand: as Flet's.
        autofocus: whether it takes the keyboard when it appears.
        on_submit: handles Enter.
    """
    typed.focus.tell = focus
    return ft.TextField(
        ref=typed.control,
        label=label,
        value=typed.to_show(),
        hint_text=hint,
        prefix_icon=icon,
        multiline=lines > 1,
        min_lines=lines if lines > 1 else None,
        expand=expand,
        autofocus=autofocus,
        dense=True,
        on_change=lambda event: typed.changed(event.data),
        on_submit=on_submit,
        on_focus=lambda _: typed.focused(),
        on_blur=lambda _: typed.focus(False),
    )


def wide_field(typed: Typing, label: str, focus: Focus, *, hint: str | None = None) -> ft.Control:
    """Draw the field as wide as there is room, in a form; as `typed_field`."""
    return ft.Row([typed_field(typed, label, focus, hint=hint, expand=True)])


def _untold(_: bool) -> None:
    """Tell nobody: the field was not drawn yet."""
