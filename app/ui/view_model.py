"""What one tab shows: where the person is, how wide the page is. One of these per Flet session.

A part is drawn anew when an observable that it was given as an argument changes, so each of these
is small: what has to do with all screens at once is here, the rest is in the screens.
"""

from dataclasses import dataclass, field
from typing import Literal

import flet as ft

from app.ui.layout import is_wide

Screen = Literal["tasks", "notes", "search", "conflicts", "settings"]
SCREENS: tuple[Screen, ...] = ("tasks", "notes", "search", "conflicts", "settings")


@ft.observable
@dataclass
class Place:
    """Where the person is.

    Attributes:
        view: of the tasks: inbox, today, upcoming, all, trash.
        item: id of the task or note whose page is open; kept per screen by `opened`.
        conflict: id of the conflict whose page is open.
        settled: whether the settled conflicts are listed instead of the open ones.
        in_trash: whether the notes in the trash are listed.
    """

    screen: Screen = "tasks"
    view: str = "inbox"
    task: str | None = None
    note: str | None = None
    hit: str | None = None
    conflict: str | None = None
    settled: bool = False
    in_trash: bool = False


@ft.observable
@dataclass
class Layout:
    """How the page is divided."""

    wide: bool = True

    def resized(self, width: float | None) -> None:
        """Take in the width of the page, in logical pixels."""
        if width:
            self.wide = is_wide(width)


@dataclass
class ViewModel:
    """The observables of one tab."""

    place: Place = field(default_factory=Place)
    layout: Layout = field(default_factory=Layout)
