"""What one tab shows: where the person is, how wide the page is. One of these per Flet session.

A part is drawn anew when an observable that it was given as an argument changes, so each of these
is small: what has to do with all screens at once is here, the rest is in the screens.
"""

from dataclasses import dataclass, field
from typing import Literal

import flet as ft

from app.ui.layout import is_roomy, is_wide
from store.queries.task_pages import Sort

Screen = Literal["tasks", "notes", "search", "conflicts", "settings"]
SCREENS: tuple[Screen, ...] = ("tasks", "notes", "search", "conflicts", "settings")


@ft.observable
@dataclass
class Place:
    """Where the person is.

    Attributes:
        view: of the tasks: inbox, today, upcoming, all, trash, or list and tag (with their names),
            or lists and tags (which name them).
        list_name, tag: the list or tag that is shown.
        item: id of the task or note whose page is open; kept per screen by `opened`.
        conflict: id of the conflict whose page is open.
        settled: whether the settled conflicts are listed instead of the open ones.
        in_trash: whether the notes in the trash are listed.
    """

    screen: Screen = "tasks"
    view: str = "inbox"
    list_name: str = ""
    tag: str = ""
    task: str | None = None
    note: str | None = None
    hit: str | None = None
    conflict: str | None = None
    settled: bool = False
    in_trash: bool = False

    def show(self, view: str, *, list_name: str = "", tag: str = "") -> None:
        """Go to a view of the tasks."""
        self.screen = "tasks"
        self.view, self.list_name, self.tag = view, list_name, tag


@ft.observable
@dataclass
class Layout:
    """How the page is divided."""

    wide: bool = True
    roomy: bool = True

    def resized(self, width: float | None) -> None:
        """Take in the width of the page, in logical pixels."""
        if width:
            self.wide, self.roomy = is_wide(width), is_roomy(width)


@ft.observable
@dataclass
class Selection:
    """The tasks that are chosen, to do something with all of them.

    Attributes:
        on: whether tasks are being chosen.
        ids: of the chosen ones.
    """

    on: bool = False
    ids: tuple[str, ...] = ()

    def toggle(self, task: str) -> None:
        """Choose a task, or not any more."""
        left = tuple(each for each in self.ids if each != task)
        self.ids = left if task in self.ids else (*self.ids, task)
        self.on = True

    def clear(self) -> None:
        """Choose nothing any more."""
        self.on, self.ids = False, ()


@ft.observable
@dataclass
class Rename:
    """The task whose title is being written in its row; empty if none is."""

    task: str = ""


@dataclass
class ViewModel:
    """The observables of one tab, and what it remembers of its lists.

    Attributes:
        listed: ids of the tasks that are listed now, in their order.
        sorts: how views are sorted, where that was chosen.
        folded: ids of tasks whose subtasks are hidden.
    """

    place: Place = field(default_factory=Place)
    layout: Layout = field(default_factory=Layout)
    selection: Selection = field(default_factory=Selection)
    rename: Rename = field(default_factory=Rename)
    listed: tuple[str, ...] = ()
    sorts: dict[str, Sort] = field(default_factory=dict)
    folded: frozenset[str] = frozenset()
