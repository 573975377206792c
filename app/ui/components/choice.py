"""One of several, chosen in a form; a handler reads what is chosen when it runs, as of `Typing`."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import flet as ft

_LINE_WIDTH_PX: Final = 460


class Choice:
    """What is chosen; made by `use_choice`."""

    def __init__(self, value: str) -> None:
        """Begin with a key."""
        self.value = value
        self.draw: Callable[[], None] = lambda: None

    def changed(self, event: Any) -> None:
        """Take in what the page says."""
        self.value = event.control.value
        self.draw()

    def among(self, keys: Sequence[str]) -> str:
        """What is chosen, or the first where that is gone."""
        return self.value if self.value in keys else keys[0]


def use_choice(first: str) -> Choice:
    """Keep what is chosen; the component is drawn anew when that changes."""
    choice = ft.use_memo(lambda: Choice(first), [])
    _, count = ft.use_state(0)
    choice.draw = lambda: count(lambda drawn: drawn + 1)
    return choice


def choice_field(
    choice: Choice, label: str, options: Sequence[tuple[str, str]], *, expand: bool = True
) -> ft.Control:
    """Draw it: keys with what they are called.

    The client shows an option's key where it has one, unless there is content.
    """
    return ft.DropdownM2(
        label=label,
        value=choice.among([key for key, _ in options]),
        options=[
            ft.dropdownm2.Option(key, words, content=option_text(words)) for key, words in options
        ],
        dense=True,
        expand=expand,
        on_change=choice.changed,
    )


def option_text(words: str) -> ft.Text:
    """Draw what an option says; the client's own text would stay small where text is large."""
    return ft.Text(words, theme_style=ft.TextThemeStyle.BODY_LARGE, max_lines=1)


def choice_line(choice: Choice, label: str, options: Sequence[tuple[str, str]]) -> ft.Control:
    """Draw it on a line of its own: beside a field and a button a phone has no room for names."""
    return ft.Container(ft.Row([choice_field(choice, label, options)]), width=_LINE_WIDTH_PX)
