"""What one tab shows: where the person is, how wide the page is. One of these per Flet session.

A part is drawn anew when an observable that it was given as an argument changes, so each of these
is small: what has to do with all screens at once is here, the rest is in the screens.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui.layout import LOW_BELOW_PX, is_roomy, is_wide
from store.domain.ids import DocId, kind_of
from store.queries.task_pages import Sort

_BESIDE_PERCENT_MAX = 130  # on a phone the longest name of a screen fits so far
_OPENED = {
    "tasks": "task",
    "notes": "note",
    "search": "hit",
    "conflicts": "conflict",
    "activity": "recent",
    "supplies": "supply",
    "budget": "budget",
}


@ft.observable
@dataclass
class Place:
    """Where the person is.

    Attributes:
        is_welcome: whether the first run is shown instead of the screens.
        screen: a key of `app.ui.views.screens.DESTINATIONS`, or `more`, which names them.
        dialog: what is open above the screens, a key of `app.ui.views.dialogs`; empty if nothing.
        view: of the tasks: inbox, today, upcoming, all, trash, or list and tag (with their names),
            or lists and tags (which name them).
        list_name, tag: the list or tag that is shown.
        item: id of the task or note whose page is open; kept per screen by `opened`.
        conflict: id of the conflict whose page is open.
        settled: whether the settled conflicts are listed instead of the open ones.
        supply: id of the item in stock whose page is open; `new` while one is being made.
        budget: id of the budget whose page is open.
        money: whether `budgets` or `bookings` are listed.
        in_trash: whether the notes in the trash are listed.
        search_turn: counts how often one asked to search by a key.
    """

    is_welcome: bool = False
    screen: str = "tasks"
    dialog: str = ""
    view: str = "inbox"
    list_name: str = ""
    tag: str = ""
    task: str | None = None
    note: str | None = None
    hit: str | None = None
    conflict: str | None = None
    recent: str | None = None
    settled: bool = False
    in_trash: bool = False
    supply: str | None = None
    budget: str | None = None
    money: str = "budgets"
    search_turn: int = 0

    def open_item(self, doc: str) -> None:
        """Go to the page of a task or note."""
        if kind_of(DocId(doc)) == "task":
            self.screen, self.task = "tasks", doc
        else:
            self.screen, self.note, self.in_trash = "notes", doc, False

    def show(self, view: str, *, list_name: str = "", tag: str = "") -> None:
        """Go to a view of the tasks."""
        self.screen = "tasks"
        self.view, self.list_name, self.tag = view, list_name, tag

    @property
    def has_page(self) -> bool:
        """Whether the page of an item is open on this screen."""
        if self.screen == "budget" and self.money != "budgets":
            return False
        name = _OPENED.get(self.screen, "")
        return bool(name) and getattr(self, name) is not None

    def close(self) -> bool:
        """Close the page that is open on this screen; tells whether one was."""
        has_page = self.has_page
        if has_page:
            setattr(self, _OPENED[self.screen], None)
        return has_page


@ft.observable
@dataclass
class Layout:
    """How the page is divided.

    Attributes:
        width, height: of the page, in logical pixels.
        covered: of the height, what a phone's keyboard lies over.
        text_percent: size of all text, of the usual one; large text needs more room.
    """

    wide: bool = True
    roomy: bool = True
    width: float = 0
    height: float = 0
    covered: float = 0
    text_percent: int = 100

    @property
    def is_crowded(self) -> bool:
        """Whether text is too large here for what else stands beside each other."""
        return not self.wide and self.text_percent > _BESIDE_PERCENT_MAX

    @property
    def is_low(self) -> bool:
        """Whether there is height for little more than what is written or read."""
        room = (self.height - self.covered) * 100 / self.text_percent
        return 0 < room < LOW_BELOW_PX

    def resized(self, width: float | None, height: float | None = None) -> None:
        """Take in the size of the page."""
        if height:
            self.height = height
        if width:
            self.width = width
            self._divide()

    def text_sized(self, percent: int) -> None:
        """Take in how large the text is."""
        self.text_percent = percent
        self._divide()

    def with_text(self, height_px: int) -> int:
        """Give a height that text of the usual size fits in, for text of the size chosen."""
        return height_px * self.text_percent // 100

    def _divide(self) -> None:
        if self.width:
            room = self.width * 100 / self.text_percent
            self.wide, self.roomy = is_wide(room), is_roomy(room)


@ft.observable
@dataclass
class Selection:
    """The tasks, or conflicts, that are chosen, to do something with all of them.

    Attributes:
        on: whether some are being chosen.
        ids: of the chosen ones.
    """

    on: bool = False
    ids: tuple[str, ...] = ()

    def toggle(self, one: str) -> None:
        """Choose one, or not any more."""
        left = tuple(each for each in self.ids if each != one)
        self.ids = left if one in self.ids else (*self.ids, one)
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
        step: moves the open task one place up (-1) or down (1) in the list of tasks that is drawn;
            None while none is.
        sorts: how views are sorted, where that was chosen.
        folded: ids of tasks whose subtasks are hidden.
        note_mode: how a note's page is divided, where that was chosen.
        invitation: the invite link that the system handed over last.
    """

    place: Place = field(default_factory=Place)
    layout: Layout = field(default_factory=Layout)
    selection: Selection = field(default_factory=Selection)
    conflicts: Selection = field(default_factory=Selection)
    rename: Rename = field(default_factory=Rename)
    listed: tuple[str, ...] = ()
    step: Callable[[int], Awaitable[None]] | None = None
    sorts: dict[str, Sort] = field(default_factory=dict)
    folded: frozenset[str] = frozenset()
    note_mode: str = ""
    invitation: str = ""
