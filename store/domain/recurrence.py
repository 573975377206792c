"""How a task comes back: a rule of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO`), counted from the due date.

Which of the standard a task can follow:

    FREQ        DAILY, WEEKLY, MONTHLY, YEARLY (a task is due once a day at most)
    INTERVAL    1 to 999
    COUNT       1 to 9999, the occurrences left, this one included; not with UNTIL
    UNTIL       YYYYMMDD or YYYYMMDDTHHMMSS[Z], the last possible occurrence
    BYMONTH BYWEEKNO BYYEARDAY BYMONTHDAY BYDAY BYSETPOS WKST

A rule is kept in one canonical form, so that the same rule typed on two devices is no conflict. As
in every calendar, a month without a 31st is skipped by a task that is due on the 31st.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from store.domain.due_date import due_text, moment_or_day
from store.domain.errors import InvalidValue
from store.domain.limits import RULE_CHARS_MAX

_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ENTRIES_MAX: Final = 64  # in one BY... list; more than any rule of a person's
# The calendar, weekdays and week numbers included, repeats after this many years.
_CYCLE_YEARS: Final = 400
_LATEST_START: Final = 9_900

_BYDAY: Final = re.compile(r"(?P<nth>[+-]?\d{1,2})?(?P<day>MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,4}", re.ASCII)


def parse_rule(text: str) -> str:
    """Read a rule as typed: `every week`, `every monday`, `daily`, or the text of an RRULE.

    Raises:
        InvalidValue: not understood; the sentence says what is.
    """
    from store.domain.repeat_words import repeat_at  # compiled only where somebody types a rule

    words = " ".join(text.split())
    if "=" in words:
        return checked_rule(words)
    repeat = repeat_at(words, 0)
    if repeat is None or repeat.end != len(words):
        raise _invalid(text)
    return repeat.rule


def checked_rule(text: str) -> str:
    """Check the text of a rule, with or without `RRULE:`, and give it its canonical form.

    Raises:
        InvalidValue: it is not a rule that a task can follow.
    """
    if len(text) > RULE_CHARS_MAX:
        raise _invalid(text)
    parts: dict[str, str] = {}
    for part in text.upper().strip().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _CHECKS or name in parts:
            raise _invalid(text)
        checked = _CHECKS[name](value)
        if checked is None:
            raise _invalid(text)
        parts[name] = checked
    if not _fits_together(parts):
        raise _invalid(text)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    return _written(parts)


def next_due(rule: str, due: str, *, tz: tzinfo = UTC) -> str | None:
    """Find the occurrence after a due date.

    Args:
        rule: canonical (see `checked_rule`).
        due: a day or a moment, as stored. A day gives a day, a moment a moment.
        tz: the zone whose clock a moment keeps (09:00 stays 09:00 over a change to summer time)
            and in which the rule's days are meant.

    Returns:
        The due date of the next occurrence, or None if this was the last one.
    """
    parts = _read(rule)
    if parts.get("COUNT") == "1":
        return None
    try:
        return _following(parts, moment_or_day(due), tz)
    except OverflowError:  # at the edge of the calendar another zone has no such moment
        return None


def next_rule(rule: str) -> str | None:
    """Give the rule that goes with `next_due`: one occurrence fewer where they are counted."""
    parts = dict(_read(rule))
    if "COUNT" in parts:
        left = int(parts["COUNT"]) - 1
        if left == 0:
            return None
        parts["COUNT"] = str(left)
    return _written(parts)


def first_day(rule: str, *, after: date) -> date | None:
    """Find the first day after `after` on which a new task of this rule can be due.

    `every monday` begins on a Monday; `every week`, which names no day, on any.
    """
    parts = {name: value for name, value in _read(rule).items() if name.startswith("BY")}
    if not parts:
        return after + timedelta(1) if after < date.max else None
    frequency = _read(rule)["FREQ"]
    found = next_due(_written({"FREQ": frequency, **parts}), after.isoformat())
    return None if found is None else date.fromisoformat(found)


def _following(parts: Mapping[str, str], due: datetime | date, tz: tzinfo) -> str | None:
    if not isinstance(due, datetime):
        found = _after(parts, datetime.combine(due, time()), tz)
        return None if found is None else due_text(found.date())
    found = _after(parts, due.astimezone(tz).replace(tzinfo=None), tz)
    return None if found is None else due_text(found.replace(tzinfo=tz))


def _after(parts: Mapping[str, str], start: datetime, tz: tzinfo) -> datetime | None:
    """Find the first occurrence after `start`; both are local wall clock, without a zone.

    dateutil looks for "30 February" to the end of the calendar, for seconds. So the search is done
    as late in the calendar as it gives the same answer: whole cycles of the calendar on.
    """
    from dateutil.rrule import rrulestr  # 20 ms that only finishing a repeating task pays

    later = _CYCLE_YEARS * max(0, (_LATEST_START - start.year) // _CYCLE_YEARS)
    rule = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    late_start = start.replace(year=start.year + later)
    found: datetime | None = rrulestr(_written(rule), dtstart=late_start).after(late_start)
    if found is None:
        return None
    found = found.replace(year=found.year - later)
    return None if "UNTIL" in parts and found > _until(parts["UNTIL"], tz) else found


def _until(text: str, tz: tzinfo) -> datetime:
    """Read UNTIL as local wall clock; a day includes its last second."""
    found = _UNTIL.fullmatch(text)
    assert found is not None, "a canonical rule"
    day = date.fromisoformat(found[1])
    if found[2] is None:
        return datetime.combine(day, time(23, 59, 59))
    moment = datetime.combine(day, time.fromisoformat(found[2]))
    if found[3] is None:
        return moment
    return moment.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)


def _read(rule: str) -> Mapping[str, str]:
    return dict(part.split("=", 1) for part in checked_rule(rule).split(";"))


def _written(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={parts[name]}" for name in _CHECKS if name in parts)


def _invalid(text: str) -> InvalidValue:
    return InvalidValue(
        f"{text[:60]!r} is not a rule for repeating. "
        "Write daily, every week, every 2 months, every monday, or FREQ=WEEKLY;BYDAY=MO,TH.",
        field="repeat",
    )


def _fits_together(parts: Mapping[str, str]) -> bool:
    """Tell whether the parts make sense with each other (RFC 5545, 3.3.10)."""
    if "FREQ" not in parts or ("COUNT" in parts and "UNTIL" in parts):
        return False
    frequency, days = parts["FREQ"], parts.get("BYDAY", "")
    if any(digit.isdigit() for digit in days) and frequency not in ("MONTHLY", "YEARLY"):
        return False
    if "BYWEEKNO" in parts and frequency != "YEARLY":
        return False
    others = {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"}
    return "BYSETPOS" not in parts or bool(others & parts.keys())


def _one_of(*values: str) -> Callable[[str], str | None]:
    return lambda text: text if text in values else None


def _number(lowest: int, highest: int) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        if _NUMBER.fullmatch(text) is None or not lowest <= int(text) <= highest:
            return None
        return str(int(text))

    return check


def _numbers(highest: int, *, negative: bool = True) -> Callable[[str], str | None]:
    """Check a list of numbers from 1, or counted back from -1; sorted, each once."""

    def check(text: str) -> str | None:
        entries = text.split(",")
        if len(entries) > _ENTRIES_MAX or not all(_NUMBER.fullmatch(entry) for entry in entries):
            return None
        numbers = sorted({int(entry) for entry in entries})
        lowest = -highest if negative else 1
        if 0 in numbers or not lowest <= numbers[0] <= numbers[-1] <= highest:
            return None
        return ",".join(map(str, numbers))

    return check


def _weekdays(text: str) -> str | None:
    entries = [_BYDAY.fullmatch(entry) for entry in text.split(",")]
    if len(entries) > _ENTRIES_MAX:
        return None
    days: set[tuple[int, int]] = set()
    for entry in entries:
        if entry is None or (entry["nth"] and not 1 <= abs(int(entry["nth"])) <= 53):
            return None
        days.add((_DAYS.index(entry["day"]), int(entry["nth"] or 0)))
    return ",".join(f"{nth or ''}{_DAYS[day]}" for day, nth in sorted(days))


def _end(text: str) -> str | None:
    found = _UNTIL.fullmatch(text)
    if found is None:
        return None
    try:
        datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    return text


# In the canonical order.
_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "FREQ": _one_of(*_FREQUENCIES),
    "INTERVAL": _number(1, 999),
    "COUNT": _number(1, 9999),
    "UNTIL": _end,
    "BYMONTH": _numbers(12, negative=False),
    "BYWEEKNO": _numbers(53),
    "BYYEARDAY": _numbers(366),
    "BYMONTHDAY": _numbers(31),
    "BYDAY": _weekdays,
    "BYSETPOS": _numbers(366),
    "WKST": _one_of(*_DAYS),
}
