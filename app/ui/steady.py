"""Keeps the rows of a list from moving under a finger. Pure.

What was just ticked off stays where it was for a moment, and while somebody scrolls or points in
the list, what others wrote changes rows in place and moves none.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

R = TypeVar("R")


def steady(
    shown: Sequence[R],
    fresh: Sequence[R],
    *,
    key: Callable[[R], str],
    held: bool,
    lingering: Collection[str] = (),
) -> list[R]:
    """Give the rows to draw.

    Args:
        shown: the rows that are drawn now.
        fresh: the rows as they are.
        key: names a row.
        held: whether no row may move.
        lingering: names of rows that stay though they are gone.
    """
    new = {key(row): row for row in fresh}
    if held and shown:
        return [new.get(key(row), row) for row in shown]
    if not any(key(row) in lingering and key(row) not in new for row in shown):
        return list(fresh)
    return _with_lingering(shown, list(fresh), key, {*lingering} - {*new})


def _with_lingering(
    shown: Sequence[R], rows: list[R], key: Callable[[R], str], staying: Collection[str]
) -> list[R]:
    """Put rows that stay back behind the row that they stood behind."""
    before: str | None = None
    for row in shown:
        if key(row) in staying:
            names = [key(each) for each in rows]
            at = names.index(before) + 1 if before in names else 0
            rows.insert(at, row)
        before = key(row)
    return rows
