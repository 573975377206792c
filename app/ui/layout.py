"""Where the layout breaks: one place, so that all screens break together."""

from typing import Final

WIDE_FROM_PX: Final = 900
LIST_WIDTH_PX: Final = 420
PAGE_ROWS: Final = 60  # of a list; more are added while one scrolls
LOAD_MORE_PX: Final = 1_500


def is_wide(width: float | None) -> bool:
    """Tell whether list and detail fit side by side."""
    return width is not None and width >= WIDE_FROM_PX
