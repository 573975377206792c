"""Says a rule of repetition in the words that `repeat_words` reads back as the same rule.

    FREQ=WEEKLY                         every week
    FREQ=WEEKLY;BYDAY=MO,WE,FR          every Monday, Wednesday and Friday
    FREQ=WEEKLY;INTERVAL=2;BYDAY=TU     every 2 weeks on Tuesday
    FREQ=MONTHLY;BYMONTHDAY=15          every month on the 15th
    FREQ=MONTHLY;BYDAY=-1FR             every month on the last Friday

Rules that those words can't say (`COUNT`, `UNTIL`, several days of a month) have none.
"""

from collections.abc import Sequence
from typing import Final

_UNITS: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS: Final = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_GROUPS: Final = {("MO", "TU", "WE", "TH", "FR"): "weekday", ("SA", "SU"): "weekend"}
_NTH_MAX: Final = 5  # a month has no sixth Friday


def rule_words(rule: str) -> str | None:
    """Say how often a task comes back.

    Args:
        rule: as stored; of another program it may be anything.

    Returns:
        Words that `parse_rule` reads as this rule, or None where there are none.
    """
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    unit, count = _UNITS.get(parts.pop("FREQ", "")), parts.pop("INTERVAL", "1")
    if unit is None or not (count.isascii() and count.isdigit()) or len(parts) > 1:
        return None
    often = f"every {unit}" if count == "1" else f"every {count} {unit}s"
    match unit, *parts:
        case (_,):
            return often
        case "week", "BYDAY":
            days = _weekdays(parts["BYDAY"].split(","))
            if days is None:
                return None
            return f"every {days}" if count == "1" else f"{often} on {days}"
        case "month", "BYDAY" | "BYMONTHDAY":
            day = _day_of_month(next(iter(parts)), next(iter(parts.values())))
            return None if day is None else f"{often} on the {day}"
    return None


def _weekdays(days: Sequence[str]) -> str | None:
    if group := _GROUPS.get(tuple(days)):
        return group
    if any(day not in _DAYS for day in days):
        return None
    names = [_DAYS[day] for day in days]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _day_of_month(kind: str, value: str) -> str | None:
    """Say `15` as `15th`, `-1` as `last day`, `2MO` as `2nd Monday`; None for several or others."""
    name = "day"
    if kind == "BYDAY":
        value, name = value[:-2], _DAYS.get(value[-2:], "")
    if not name or value == "-1":
        return f"last {name}" if name else None
    if not (value.isascii() and value.isdigit()) or (kind == "BYDAY" and int(value) > _NTH_MAX):
        return None
    return _nth(int(value)) + (f" {name}" if kind == "BYDAY" else "")


def _nth(number: int) -> str:
    is_teen = number // 10 == 1
    return f"{number}" + ("th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th"))
