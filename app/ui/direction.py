"""From which side a text is read: by its first letter that has a direction.

A sentence that is drawn from the wrong side has its full stop and its brackets at the wrong end.

Source: rules P2 and P3 of the Unicode Bidirectional Algorithm (UAX 9), for a text as a whole.
"""

import unicodedata
from itertools import islice
from typing import Any, Final

import flet as ft

_LOOKED_AT: Final = 400  # characters: a long text is asked with every keystroke


def is_from_right(text: str) -> bool:
    """Tell whether a text is read from right to left; signs and digits alone say nothing."""
    for sign in islice(text, _LOOKED_AT):
        direction = unicodedata.bidirectional(sign)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def in_row(text: str) -> dict[str, Any]:
    """Give how the title of a row is drawn: read from its own side, beside its box or picture."""
    return {"rtl": is_from_right(text), "text_align": ft.TextAlign.LEFT}
