"""The screens that there are, in the order of the rail; a new one is a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from app.ui.session import Session
from app.ui.settings.screen import SettingsScreen
from app.ui.view_model import Layout, Place
from app.ui.views.activity import ActivityScreen
from app.ui.views.budgets import BudgetScreen
from app.ui.views.conflicts import ConflictsScreen
from app.ui.views.notes import NotesScreen
from app.ui.views.search import SearchScreen
from app.ui.views.supplies import SuppliesScreen
from app.ui.views.sync_health import SyncHealthScreen
from app.ui.views.tasks import TasksScreen

Draw = Callable[[Session, Place, Layout], Any]


@dataclass(frozen=True, slots=True)
class Destination:
    """A screen that the rail, the bar, or the page behind “More” leads to.

    Attributes:
        name: what it is called.
        icon, filled: its picture, and the one while it is shown.
        draw: draws it.
        in_bar: whether a phone's bar has it; there is room for four. Others stand behind “More”.
    """

    name: str
    icon: ft.IconData
    filled: ft.IconData
    draw: Draw
    in_bar: bool = False


DESTINATIONS: Final[dict[str, Destination]] = {
    "tasks": Destination(
        "Tasks",
        ft.Icons.CHECK_CIRCLE_OUTLINE,
        ft.Icons.CHECK_CIRCLE,
        TasksScreen,
        in_bar=True,
    ),
    "notes": Destination(
        "Notes", ft.Icons.DESCRIPTION_OUTLINED, ft.Icons.DESCRIPTION, NotesScreen, in_bar=True
    ),
    "search": Destination(
        "Search", ft.Icons.SEARCH, ft.Icons.SAVED_SEARCH, SearchScreen, in_bar=True
    ),
    "conflicts": Destination(
        "Conflicts", ft.Icons.CALL_SPLIT, ft.Icons.CALL_SPLIT, ConflictsScreen, in_bar=True
    ),
    "activity": Destination("Activity", ft.Icons.HISTORY, ft.Icons.HISTORY, ActivityScreen),
    "supplies": Destination(
        "Supplies", ft.Icons.INVENTORY_2_OUTLINED, ft.Icons.INVENTORY_2, SuppliesScreen
    ),
    "budget": Destination("Budget", ft.Icons.SAVINGS_OUTLINED, ft.Icons.SAVINGS, BudgetScreen),
    "health": Destination(
        "Sync health",
        ft.Icons.MONITOR_HEART_OUTLINED,
        ft.Icons.MONITOR_HEART,
        lambda session, _, layout: SyncHealthScreen(session, layout),
    ),
    "settings": Destination(
        "Settings",
        ft.Icons.SETTINGS_OUTLINED,
        ft.Icons.SETTINGS,
        lambda session, _, layout: SettingsScreen(session, layout),
    ),
}
MORE: Final = "more"
