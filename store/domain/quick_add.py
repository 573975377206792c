r"""Quick add: one typed line becomes a task.

`Buy rope tomorrow 9am #climb !high @Kit +Hut every week`

    typed                                   becomes             grammar
    tomorrow 9am, nov 24, at 9, in 3 days   due                 `date_words`
    every week, every mon and thu, daily    repeat              `repeat_words`
    #climb  #"two words"                    a tag, any number   `marks`
    !low !medium !high (!1 !2 !3)           priority            `marks`
    @Kit  @"Kit Lee"                        assignee            `marks`
    +Hut  +"Long list"                      list                `marks`
    "due tomorrow"                          literal text        quotes stay
    \#climb  \tomorrow                       literal text        that backslash goes
    everything else                         the title           as typed

Better too little than too much: what isn't surely meant stays in the title, and the spans let an
app show what was understood. So:
- understood words begin at the start of a word and end where one ends: `C#`, `a+b`, `today's` and
  `me@example.com` are text;
- of two that say the same thing (`!low ... !high`) the last one counts and the others stay text; a
  day and a time that stand apart add up;
- words that also mean something else count at the end of the line only (`date_words`), or beside
  other words about a time; none counts behind `until`, `before`, `for`, `the`, ...;
- where no title would be left, all of it is the title and nothing is understood.

A task that repeats needs a due date to count from: without one, it is the first day from today on
that fits the rule.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from store.domain.date_words import When
from store.domain.day_words import WORD_END
from store.domain.due_date import due_text, local_due
from store.domain.errors import InvalidValue
from store.domain.limits import TITLE_CHARS_MAX
from store.domain.recurrence import first_day
from store.domain.tokens import Token, is_empty, tokens_of

# Longer text can't become a title anyway, and is refused as one: not worth reading.
TEXT_CHARS_MAX: Final = 2 * TITLE_CHARS_MAX
_JOINTS: Final = (",", ";")


@dataclass(frozen=True, slots=True)
class Span:
    """Something understood: `text` is `text[start:end]` as typed.

    `kind` is `date`, `time`, `repeat`, `tag`, `list`, `assignee` or `priority`; a day and a time of
    day beside each other are two spans, so that each can be made text again.
    """

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class QuickAdd:
    """What a typed line says.

    Attributes:
        title: what is left of the text; empty only if there was none.
        due, priority, list, assignee, repeat: values as stored, or None.
        tags: each once, as typed first.
        spans: what was understood where, from left to right, for chips in an app.
    """

    title: str
    due: str | None = None
    priority: str | None = None
    list: str | None = None
    assignee: str | None = None
    tags: tuple[str, ...] = ()
    repeat: str | None = None
    spans: tuple[Span, ...] = ()


def parse(text: str, *, now: datetime, literal: Collection[str] = ()) -> QuickAdd:
    """Read a typed line; never raises, whatever was typed.

    Args:
        text: one line as typed; longer than `TEXT_CHARS_MAX` it is not read.
        now: aware, in the person's time zone: one that knows its summer time, so not a bare offset.
        literal: texts of spans that the person wants to be text; what stands around them is read as
            if they were not there.
    """
    if len(text) > TEXT_CHARS_MAX:
        return QuickAdd(text.strip())
    found, escapes = tokens_of(_without(text, literal), now=now)
    tokens = _one_of_each(found)
    repeat = _last(tokens, "repeat")
    due = _due(tokens, repeat, now)
    if due is None:
        tokens = [token for token in tokens if token.kind != "due"]
    title = _title(text, tokens, escapes)
    if is_empty(title):
        return QuickAdd(text.strip())
    return QuickAdd(
        title=title,
        due=due,
        priority=_last(tokens, "priority"),
        list=_last(tokens, "list"),
        assignee=_last(tokens, "assignee"),
        tags=tuple(dict.fromkeys(token.value for token in tokens if token.kind == "tag")),
        repeat=repeat,
        spans=tuple(
            Span(kind, start, end, text[start:end])
            for token in tokens
            for kind, start, end in _parts(token)
        ),
    )


def _without(text: str, literal: Collection[str]) -> str:
    """Blank out words that are to stay text; all others stay at their places."""
    for words in literal:
        if words.strip():
            text = re.sub(rf"(?<!\S){re.escape(words)}{WORD_END}", " " * len(words), text)
    return text


def _parts(token: Token) -> list[tuple[str, int, int]]:
    if token.when is None:
        return [(token.kind, token.start, token.end)]
    return [(part.kind, part.start, part.end) for part in token.when.parts]


def _one_of_each(tokens: Sequence[Token]) -> list[Token]:
    """Of two tokens that say the same thing keep the last; a day and a time add up."""
    last = {token.kind: token for token in tokens if token.kind not in ("tag", "due")}
    days = [token for token in tokens if token.when and not _is_time(token.when)]
    times = [token for token in tokens if token.when and _is_time(token.when)]
    keep = [*last.values(), *days[-1:]]
    if not days or (days[-1].when and days[-1].when.day and days[-1].when.at is None):
        keep += times[-1:]
    return [token for token in tokens if token.kind == "tag" or token in keep]


def _is_time(when: When) -> bool:
    return when.day is None and when.moment is None


def _due(tokens: Iterable[Token], repeat: str | None, now: datetime) -> str | None:
    day: date | None = None
    at: time | None = None
    for when in (token.when for token in tokens if token.when is not None):
        if when.moment is not None:
            return due_text(when.moment)
        day, at = when.day or day, when.at or at
    try:
        if day is None and repeat is not None:
            return _first_due(repeat, at, now)
        return None if day is None and at is None else due_text(local_due(day, at, now=now))
    except InvalidValue:  # beyond the calendar
        return None


def _first_due(repeat: str, at: time | None, now: datetime) -> str | None:
    """Give the first day from today on that fits the rule, at a time that is still to come."""
    day = first_day(repeat, after=now.date() - timedelta(1))
    if day is None or at is None:
        return None if day is None else due_text(day)
    moment = local_due(day, at, now=now)
    if isinstance(moment, datetime) and moment <= now.astimezone(UTC):
        day = first_day(repeat, after=day)
        return None if day is None else due_text(local_due(day, at, now=now))
    return due_text(moment)


def _last(tokens: Iterable[Token], kind: str) -> str | None:
    value = None
    for token in tokens:
        value = token.value if token.kind == kind else value
    return value


def _title(text: str, tokens: Iterable[Token], escapes: frozenset[int]) -> str:
    """Give the text without what was understood, the gaps closed."""
    title, position, is_first = "", 0, True
    for token in (*tokens, None):
        end = len(text) if token is None else token.start
        piece = "".join(text[at] for at in range(position, end) if at not in escapes)
        title = piece if is_first else _closed(title, piece)
        is_first = False
        position = end if token is None else token.end
    return title.strip()


def _closed(left: str, right: str) -> str:
    """Join what stood around an understood word: one space, and no comma left without a use."""
    left, tail = left.rstrip(), right.lstrip()
    if not tail:
        return left.rstrip(" ,;") + right
    if tail.startswith(_JOINTS) and (not left or left.endswith(_JOINTS)):
        return left + tail[1:]
    return left + right
