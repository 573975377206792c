"""Where the layout breaks: one place, so that all screens break together."""

from typing import Final

WIDE_FROM_PX: Final = 900  # list and detail side by side
ROOMY_FROM_PX: Final = 1_180  # the views, lists and tags beside them too
LOW_BELOW_PX: Final = 560  # a phone on its side, or with its keyboard shown
LIST_WIDTH_PX: Final = 440
VIEWS_WIDTH_PX: Final = 216
READING_WIDTH_PX: Final = 760  # of what is read from top to bottom, with nothing beside it
PAGE_ROWS: Final = 40  # of a list; more are added while one scrolls
LOAD_MORE_PX: Final = 1_500


def is_roomy(width: float | None) -> bool:
    """Tell whether the views, lists and tags fit beside list and detail."""
    return width is not None and width >= ROOMY_FROM_PX


def is_wide(width: float | None) -> bool:
    """Tell whether list and detail fit side by side."""
    return width is not None and width >= WIDE_FROM_PX
