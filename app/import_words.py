"""What an import could not keep, in lines that a person reads: many alike are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from store.interchange.report import Dropped

NAMED_MAX: Final = 20
"""So many are told one by one; of more, those that say the same are told together."""


def lost_lines(dropped: Sequence[Dropped]) -> list[str]:
    """Tell what could not be kept, and of which item.

    Args:
        dropped: in the order of the source.

    Returns:
        A line each; of more than `NAMED_MAX`, one for all that lost the same, the most first, with
        the first item by name.
    """
    if len(dropped) <= NAMED_MAX:
        return [f"{each.item}: {each.what}" for each in dropped]
    alike = sorted(_alike(dropped).items(), key=lambda each: -len(each[1]))
    return [
        f"{items[0]}: {what}"
        if len(items) == 1
        else f"{len(items):,} items: {what} (the first is {items[0]})"
        for what, items in alike
    ]


def _alike(dropped: Iterable[Dropped]) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = {}
    for each in dropped:
        alike.setdefault(each.what, []).append(each.item)
    return alike
