"""Moments at which something asked for ends by itself: ahead, and within what people plan for.

A moment that no calendar has would end nothing, and could not even be shown.
"""

from typing import Final

from store.domain.errors import InvalidValue
from store.domain.ledger.policies import DAY_MS

AHEAD_MS_MAX: Final = 36_525 * DAY_MS  # 100 years
UNTIL_PASSED: Final = "The time until which it is wanted has passed."
DEADLINE_PASSED: Final = "The booking's deadline has passed."


def checked_end(end_ms: int | None, now_ms: int, *, past: str, field: str) -> int | None:
    """Give back when something ends, None = never; raises InvalidValue.

    Args:
        end_ms: Unix ms.
        now_ms: of the same clock.
        past: what to say of one that has passed.
        field: what it is called where it was asked for.
    """
    if end_ms is not None and end_ms <= now_ms:
        raise InvalidValue(past, field=field)
    if end_ms is not None and end_ms - now_ms > AHEAD_MS_MAX:
        raise InvalidValue("It may end 100 years ahead at most; name an earlier day.", field=field)
    return end_ms
