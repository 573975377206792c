"""What an empty view of the tasks says: what belongs there, and how it comes there."""

from typing import Final

import flet as ft

from app.ui.components.controls import empty_state
from app.ui.listing import Which

_SAID: Final = {
    "inbox": (
        ft.Icons.INBOX,
        "The inbox is empty",
        "Type above what comes to mind: Buy rope tomorrow 9am #climb !high. "
        "A task goes into a list with +Hut; without one it waits here.",
    ),
    "today": (
        ft.Icons.WB_SUNNY_OUTLINED,
        "Nothing is due today",
        "Write “today” into a new task to see it here; Upcoming shows what comes.",
    ),
    "upcoming": (
        ft.Icons.CALENDAR_MONTH,
        "Nothing is planned",
        "A task with a day, such as “friday” or “24 dec”, stands here under that day.",
    ),
    "all": (
        ft.Icons.CHECK_CIRCLE_OUTLINE,
        "No tasks yet",
        "Type the first one above.",
    ),
    "trash": (
        ft.Icons.DELETE_OUTLINE,
        "No task is in the trash",
        "What is thrown away stays here until the trash is emptied, and can be taken back. "
        "Notes that were thrown away are under Notes.",
    ),
    "list": (ft.Icons.LIST, "Nothing is in this list", "Write +{name} into a task to put it here."),
    "tag": (ft.Icons.TAG, "Nothing has this tag", "Write #{name} into a task to see it here."),
    "lists": (
        ft.Icons.LIST,
        "No lists yet",
        "A list begins with its first task: Buy rope +Hut. With spaces: +“Long list”.",
    ),
    "tags": (ft.Icons.TAG, "No tags yet", "A tag begins with its first use: Buy rope #climb."),
}


def empty_tasks(which: Which, *, is_filtered: bool = False) -> ft.Control:
    """Draw it."""
    if is_filtered:
        return empty_state(
            ft.Icons.FILTER_ALT_OFF, "No task fits the filter", "Clear it to see all of them."
        )
    icon, title, sentence = _SAID[which.view]
    return empty_state(icon, title, sentence.format(name=which.list_name or which.tag))
