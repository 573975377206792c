"""The words for repeating that quick add and `--repeat` understand (English).

    words                                               rule                          certainty
    daily · weekly · monthly · yearly                   FREQ=DAILY ...                at the end
    every day · every week · every month · every year   FREQ=DAILY ...                at the end
    every 2 weeks · every other week                    FREQ=WEEKLY;INTERVAL=2        sure
    every monday · every mon, wed and fri               FREQ=WEEKLY;BYDAY=MO,WE,FR    sure
    every other monday · every 2 weeks on monday        ...;INTERVAL=2;BYDAY=MO       sure
    every weekday · every weekend                       BYDAY=MO,TU,WE,TH,FR · SA,SU  sure
    every month on the 15th · ... on the last day       FREQ=MONTHLY;BYMONTHDAY=15    sure
    every month on the 2nd monday · ... last friday     FREQ=MONTHLY;BYDAY=2MO        sure
    every 15th · every last day (of the month)          FREQ=MONTHLY;BYMONTHDAY=15    at the end
    every 2nd monday · every last friday (of the month) FREQ=MONTHLY;BYDAY=2MO        at the end

A *second* monday is every other one, a *2nd* one that of the month.

Certainty is as in `date_words`: `Read the weekly report`, `Make every day count` are titles.
"""

import re
from dataclasses import dataclass
from typing import Final

from store.domain.day_words import WEEKDAY, Certainty, weekday_of, words_pattern

_FREQUENCIES: Final = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SEPARATOR: Final = r"(?:\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+)"
_WEEKDAYS: Final = rf"{WEEKDAY}(?:{_SEPARATOR}{WEEKDAY})*"

_ADVERB: Final = words_pattern("daily|weekly|monthly|yearly")
_EVERY_UNIT: Final = words_pattern(
    r"every\s+(?:(?P<step>other|second|\d{1,3})\s+)?(?P<unit>day|week|month|year)s?"
)
_EVERY_WEEKDAY: Final = words_pattern(
    r"every\s+(?:(?P<step>other|second|(?P<weeks>\d{1,3}\s+weeks?\s+on)|week\s+on)\s+)?"
    rf"(?P<days>weekday|weekend|{_WEEKDAYS})"
)
_DAY_OF_MONTH: Final = (
    rf"(?:(?:(?P<nth>\d)(?:st|nd|rd|th)|(?P<first>first)|last)\s+(?P<weekday>{WEEKDAY})"
    r"|(?P<day>\d{1,2})(?:st|nd|rd|th)|last\s+day)"
)
_ON_MONTHDAY: Final = words_pattern(
    r"every\s+(?:(?P<step>other|second|\d{1,3})\s+)?months?\s+on\s+(?:the\s+)?" + _DAY_OF_MONTH
)
_EVERY_MONTHDAY: Final = words_pattern(
    rf"every\s+{_DAY_OF_MONTH}(?:\s+of\s+(?:the|each|every)\s+month)?"
)
_NAME: Final = re.compile(WEEKDAY, re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule that some words say.

    Attributes:
        end: index in the text behind the words.
        rule: the rule, canonical.
        certainty: where in a title this may be taken.
    """

    end: int
    rule: str
    certainty: Certainty


def repeat_at(text: str, start: int) -> Repeat | None:
    """Read the longest words about repeating that begin at `start`; None if there are none."""
    for reader in (_on_monthday, _every_monthday, _every_weekday, _every_unit, _adverb):
        repeat = reader(text, start)
        if repeat is not None:
            return repeat
    return None


def _adverb(text: str, start: int) -> Repeat | None:
    found = _ADVERB.match(text, start)
    if found is None:
        return None
    return Repeat(found.end(), f"FREQ={found[0].upper()}", Certainty.AT_END)


def _every_unit(text: str, start: int) -> Repeat | None:
    found = _EVERY_UNIT.match(text, start)
    interval = found and _interval(found["step"])
    if found is None or interval is None:
        return None
    rule = f"FREQ={_FREQUENCIES[found['unit'].lower()]}{interval}"
    return Repeat(found.end(), rule, Certainty.SURE if found["step"] else Certainty.AT_END)


def _every_weekday(text: str, start: int) -> Repeat | None:
    found = _EVERY_WEEKDAY.match(text, start)
    interval = found and _interval(found["weeks"] or found["step"])
    if found is None or interval is None:
        return None
    rule = f"FREQ=WEEKLY{interval};BYDAY={_byday(found['days'].lower())}"
    return Repeat(found.end(), rule, Certainty.SURE)


def _on_monthday(text: str, start: int) -> Repeat | None:
    found = _ON_MONTHDAY.match(text, start)
    interval = found and _interval(found["step"])
    if found is None or interval is None:
        return None
    return _monthly(found, interval, Certainty.SURE)


def _every_monthday(text: str, start: int) -> Repeat | None:
    found = _EVERY_MONTHDAY.match(text, start)
    # "Give every 10th guest a cake" is a title.
    return None if found is None else _monthly(found, "", Certainty.AT_END)


def _monthly(found: re.Match[str], interval: str, certainty: Certainty) -> Repeat | None:
    if found["weekday"]:
        nth = int(found["nth"] or (1 if found["first"] else -1))
        if nth not in (-1, 1, 2, 3, 4, 5):
            return None
        by = f"BYDAY={nth}{_DAYS[weekday_of(found['weekday'])]}"
    else:
        day = int(found["day"] or -1)
        if not (day == -1 or 1 <= day <= 31):
            return None
        by = f"BYMONTHDAY={day}"
    return Repeat(found.end(), f"FREQ=MONTHLY{interval};{by}", certainty)


def _interval(step: str | None) -> str | None:
    """Write the step of `every 2 weeks` or `every other week`; None if it is no step."""
    words = (step or "1").lower().split()
    count = 2 if words[0] in ("other", "second") else 1 if words[0] == "week" else int(words[0])
    if count == 0:
        return None
    return "" if count == 1 else f";INTERVAL={count}"


def _byday(days: str) -> str:
    if days == "weekday":
        return ",".join(_DAYS[:5])
    if days == "weekend":
        return ",".join(_DAYS[5:])
    named = sorted({weekday_of(name) for name in _NAME.findall(days)})
    return ",".join(_DAYS[day] for day in named)
