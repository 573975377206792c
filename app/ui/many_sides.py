"""Which side a word for several conflicts means in each of them. Pure.

It is a proposal for conflicts that a person has chosen and is shown, each with what it would
become; where a word doesn't mean exactly one side, nothing is proposed.
"""

from typing import Final, Literal

from store.documents.state import Side
from store.rows import ConflictRow

Which = Literal["mine", "theirs", "shown"]

WHICH: Final[dict[Which, str]] = {
    "mine": "Mine",
    "theirs": "Theirs",
    "shown": "As shown now",
}


def side_for(row: ConflictRow, which: Which, *, own: tuple[str, str]) -> int | None:
    """Give the number of the side that is meant, None if none or more than one is.

    Args:
        row: an open conflict.
        which: the word.
        own: person and device of who asks.
    """
    if which == "shown":
        return _only([number for number, side in enumerate(row.sides) if side.shown])
    mine = _mine(row.sides, own)
    if which == "mine":
        return _only(mine)
    return _only([number for number in range(len(row.sides)) if number not in mine])


def _mine(sides: tuple[Side, ...], own: tuple[str, str]) -> list[int]:
    """What was written here, else by the same person elsewhere."""
    here = [n for n, side in enumerate(sides) if (side.author, side.device) == own]
    return here or [n for n, side in enumerate(sides) if side.author == own[0]]


def _only(numbers: list[int]) -> int | None:
    return numbers[0] if len(numbers) == 1 else None
