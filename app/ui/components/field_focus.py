"""Whether a field has the keyboard, told once each way.

The next field tells that it has it before the last one tells that it has it no more, so fields are
counted; and one that is taken away while somebody types in it tells nothing, so its end does.
"""

from collections.abc import Callable

import flet as ft

from app.ui.effects import use_end

Focus = Callable[[bool], None]


class FieldFocus:
    """Of one field; call it with True when the field gets the keyboard, and False afterwards."""

    def __init__(self, tell: Focus) -> None:
        """Begin without the keyboard; `tell` is told True and False by turns."""
        self.tell = tell
        self._has_keyboard = False

    @property
    def has_keyboard(self) -> bool:
        """Whether the field has it."""
        return self._has_keyboard

    def __call__(self, begins: bool) -> None:
        """Take in what the page says; the same twice is told once."""
        if begins != self._has_keyboard:
            self._has_keyboard = begins
            self.tell(begins)


def use_focus(tell: Focus) -> FieldFocus:
    """Follow whether a field has the keyboard; a hook. It ends with the part that draws it."""
    focus = ft.use_memo(lambda: FieldFocus(tell), [])
    focus.tell = tell
    use_end(lambda: focus(False))
    return focus
