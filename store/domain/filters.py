r"""The filter language of search and lists: `rope tag:climb in:Hut is:open due:<friday`.

    filter                          keeps
    tag:climb  #climb               what has the tag
    in:Hut  in:"Long list"  +Hut    tasks of the list; `in:none` tasks of no list
    by:Kit  @Kit                    tasks of the person; `by:none` tasks of nobody
    priority:high  !high  !3        tasks of this priority; `priority:none` of none
    is:open                         open, started or blocked tasks
    is:started  is:blocked  is:done  is:cancelled     tasks in this state
    is:overdue                      open tasks whose day or moment is past
    is:task  is:note                one kind of item
    is:pinned  is:repeating  is:conflict               pinned notes, series, what has a conflict
    due:friday  due:2026-12-24      tasks due on that day
    due:<friday  due:<=friday       tasks due before, or not after, that day; `>` and `>=` likewise
    due:none  due:any               tasks without, or with, a due date
    -tag:climb                      what the filter does not keep

Names ignore case. What stands in double quotes, and what has another name before its colon, is
text. Days are those of `date_words`. A filter that can't be read keeps everything and is given
back with a sentence about it: whoever types is on the way to one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from store.domain.due_date import due_text, local_due, moment_or_day, parse_due
from store.domain.errors import InvalidValue
from store.domain.fields import PRIORITIES
from store.domain.marks import mark_at

FilterKind = Literal["tag", "list", "assignee", "priority", "is", "due", "title"]
IS_WORDS: Final = (
    *("open", "started", "blocked", "done", "cancelled", "overdue"),
    *("task", "note", "pinned", "repeating", "conflict"),
)
_PIECE: Final = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_NAMED: Final = re.compile(r"(?P<not>-?)(?P<name>[a-z]+):(?P<value>.*)", re.IGNORECASE | re.DOTALL)
_MARKED: Final = re.compile(r"(?P<not>-?)(?P<mark>[#@+!].*)", re.DOTALL)
_DUE: Final = re.compile(r"(?P<sign><=|>=|<|>|=|)(?P<when>.*)", re.DOTALL)
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class DueRange:
    """A stretch of time: whole days and moments in it; None is open on that side.

    Attributes:
        from_day, until_day: days `YYYY-MM-DD`, the first one in it and the first one after it.
        from_at, until_at: the same for moments, `YYYY-MM-DDTHH:MM:SSZ`.
    """

    from_day: str | None = None
    from_at: str | None = None
    until_day: str | None = None
    until_at: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    Attributes:
        kind: what it asks of an item; `title`, which has no form of its own, is for lists.
        value: a part of a title, a name, one of `IS_WORDS`, or `any` for a due date; None is
            `none`.
        due: the stretch of time, where it asks for one.
        negated: keeps the others.
        text: as typed.
    """

    kind: FilterKind
    value: str | None = None
    due: DueRange | None = None
    negated: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a typed search says: words, filters, and what can't be read, each with its sentence."""

    words: str
    filters: tuple[Filter, ...] = ()
    unread: tuple[str, ...] = ()


def parse_terms(text: str, *, now: datetime) -> Terms:
    """Read a typed search; never raises.

    Args:
        text: as typed.
        now: aware, in the person's time zone.
    """
    words: list[str] = []
    filters: list[Filter] = []
    unread: list[str] = []
    for piece in _PIECE.findall(text):
        try:
            found = _filter(piece, now)
        except InvalidValue as error:
            unread.append(error.detail)
            continue
        if found is None:
            words.append(piece.replace('"', "") if piece.startswith('"') else piece)
        else:
            filters.append(found)
    return Terms(" ".join(words), tuple(filters), tuple(unread))


def _filter(piece: str, now: datetime) -> Filter | None:
    """Read one piece; None if it is text; raises InvalidValue for half a filter."""
    if marked := _MARKED.fullmatch(piece):
        mark = mark_at(marked["mark"], 0)
        if mark is None or mark.end != len(marked["mark"]):
            return None
        return Filter(_KINDS_OF_MARKS[mark.kind], mark.value, None, bool(marked["not"]), piece)
    named = _NAMED.fullmatch(piece)
    if named is None or named["name"].lower() not in _READERS:
        return None
    value = named["value"].replace('"', "").strip()
    if not value:
        raise InvalidValue(f"{piece} needs something after the colon.", field="search")
    return _READERS[named["name"].lower()](value, piece, bool(named["not"]), now)


def _named(kind: FilterKind) -> Callable[[str, str, bool, datetime], Filter]:
    def read(value: str, piece: str, negated: bool, _: datetime) -> Filter:
        name = value.lstrip("#") if kind == "tag" else value
        return Filter(kind, None if name.lower() == _NONE else name, None, negated, piece)

    return read


def _priority(value: str, piece: str, negated: bool, _: datetime) -> Filter:
    level = value.lower().lstrip("!")
    if level == _NONE:
        return Filter("priority", None, None, negated, piece)
    if level in ("1", "2", "3"):
        level = PRIORITIES[int(level) - 1]
    if level not in PRIORITIES:
        raise InvalidValue(f"{piece}: a priority is low, medium, high or none.", field="search")
    return Filter("priority", level, None, negated, piece)


def _is(value: str, piece: str, negated: bool, _: datetime) -> Filter:
    word = value.lower()
    if word not in IS_WORDS:
        raise InvalidValue(
            f"{piece}: after is: stands one of {', '.join(IS_WORDS)}.", field="search"
        )
    return Filter("is", word, None, negated, piece)


def _due(value: str, piece: str, negated: bool, now: datetime) -> Filter:
    if value.lower() in (_NONE, "any"):
        return Filter("due", None if value.lower() == _NONE else "any", None, negated, piece)
    found = _DUE.fullmatch(value)
    assert found is not None, "the pattern fits any text"
    when = parse_due(found["when"], now=now) if found["when"].strip() else None
    if when is None:
        raise InvalidValue(f"{piece} needs a day, such as friday or 2026-12-24.", field="search")
    return Filter("due", None, _range(found["sign"], moment_or_day(when), now), negated, piece)


def _range(sign: str, when: datetime | date, now: datetime) -> DueRange:
    """Make the stretch before, after or at a day or moment."""
    if isinstance(when, datetime):
        day = when.astimezone(now.tzinfo).date()
        start = (day.isoformat(), due_text(when))
        end = (day.isoformat(), due_text(when + timedelta(seconds=1)))
    else:
        start, end = _start_of(when, now), _start_of(when + timedelta(days=1), now)
    match sign:
        case "<":
            return DueRange(until_day=start[0], until_at=start[1])
        case "<=":
            return DueRange(until_day=end[0], until_at=end[1])
        case ">":
            return DueRange(from_day=end[0], from_at=end[1])
        case ">=":
            return DueRange(from_day=start[0], from_at=start[1])
    return DueRange(start[0], start[1], end[0], end[1])


def _start_of(day: date, now: datetime) -> tuple[str, str]:
    midnight = local_due(day, datetime.min.time(), now=now)
    return day.isoformat(), due_text(midnight)


_KINDS_OF_MARKS: Final[Mapping[str, FilterKind]] = {
    "tag": "tag",
    "list": "list",
    "assignee": "assignee",
    "priority": "priority",
}
_READERS: Final[Mapping[str, Callable[[str, str, bool, datetime], Filter]]] = {
    "tag": _named("tag"),
    "in": _named("list"),
    "list": _named("list"),
    "by": _named("assignee"),
    "priority": _priority,
    "is": _is,
    "due": _due,
}
