"""Which words of a typed line are understood, and surely enough to be taken out of its title.

Two steps: find all that might be meant, then keep what is sure where it stands (`quick_add` says
when that is).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from store.domain.date_words import When, when_at
from store.domain.day_words import WORD_END, Certainty
from store.domain.marks import mark_at
from store.domain.repeat_words import repeat_at

# Behind these a day isn't when the task is due: "stay until friday", "black friday", "nov 1 to 3".
_NOT_BEHIND: Final = frozenset(
    {
        *("a", "an", "the", "this", "that", "each", "every", "not", "and", "or", "&"),
        *("until", "till", "before", "after", "since", "from", "to", "through", "between"),
        *("of", "for", "than", "last", "past"),
        *("black", "good", "happy", "easter", "cyber", "palm", "ash"),
    }
)
_WORD: Final = re.compile(r"\S+")
_QUOTED: Final = re.compile(rf'["“„”][^"“”]*["“”]{WORD_END}')
_GAP: Final = re.compile(r"[\s,;]*")
_GAP_AT_END: Final = re.compile(r"[\s,;.!?)]*")
_TIMELY: Final = ("due", "repeat")


@dataclass(frozen=True, slots=True)
class Token:
    """Words that are understood.

    Attributes:
        kind: `due`, `repeat`, `tag`, `list`, `assignee` or `priority`.
        start, end: where they stand in the text.
        certainty: where in a title they may be taken.
        value: what they say, as stored; empty for `due`.
        when: what they say, for `due`.
    """

    kind: str
    start: int
    end: int
    certainty: Certainty
    value: str = ""
    when: When | None = None


def tokens_of(text: str, *, now: datetime) -> tuple[list[Token], frozenset[int]]:
    """Find what a line surely means.

    Args:
        text: one line as typed.
        now: aware, in the person's time zone.

    Returns:
        The understood words from left to right, and the indices of the backslashes that kept
        something literal.
    """
    candidates, escapes = _candidates(text, now)
    taken = _taken_from_the_end(text, candidates)
    for left, (before, token) in enumerate(pairwise(candidates)):
        if left in taken and _is_beside(text, before, token):
            taken.add(left + 1)
    return [token for place, token in enumerate(candidates) if place in taken], escapes


def is_empty(text: str) -> bool:
    """Tell whether nothing but spaces and punctuation is left."""
    return _GAP_AT_END.fullmatch(text) is not None


def _candidates(text: str, now: datetime) -> tuple[list[Token], frozenset[int]]:
    """Find all that might be meant, and the backslashes that keep such a thing literal."""
    tokens: list[Token] = []
    escapes: set[int] = set()
    position, word_before = 0, ""
    while word := _WORD.search(text, position):
        if quoted := _QUOTED.match(text, word.start()):
            position, word_before = quoted.end(), ""
            continue
        escaped = word[0].startswith("\\")
        token = _token_at(text, word.start() + escaped, word_before, now)
        if token is None:
            position, word_before = word.end(), word[0].lower()
            continue
        if escaped:
            escapes.add(word.start())
        else:
            tokens.append(token)
        position, word_before = token.end, ""
    return tokens, frozenset(escapes)


def _token_at(text: str, start: int, word_before: str, now: datetime) -> Token | None:
    if start == len(text):
        return None
    if mark := mark_at(text, start):
        return Token(mark.kind, start, mark.end, Certainty.SURE, mark.value)
    if word_before in _NOT_BEHIND:
        return None
    if repeat := repeat_at(text, start):
        return Token("repeat", start, repeat.end, repeat.certainty, repeat.rule)
    when = when_at(text, start, now=now)
    if when is None or when.certainty is Certainty.ALONE:
        return None
    return Token("due", start, when.end, when.certainty, when=when)


def _taken_from_the_end(text: str, candidates: Sequence[Token]) -> set[int]:
    """Take what is sure, what ends the line, and what stands before such words about a time."""
    taken: set[int] = set()
    following: Token | None = None  # the taken one to the right
    at_end = True
    for place, token in reversed(list(enumerate(candidates))):
        if following is None:
            at_end = _GAP_AT_END.fullmatch(text, token.end) is not None
        else:
            at_end = at_end and _GAP.fullmatch(text, token.end, following.start) is not None
        is_beside = following is not None and _is_beside(text, token, following)
        if token.certainty is Certainty.SURE or at_end or is_beside:
            taken.add(place)
            following = token
    return taken


def _is_beside(text: str, left: Token, right: Token) -> bool:
    """Tell whether two tokens about a time stand together: each makes the other sure."""
    if left.kind not in _TIMELY or right.kind not in _TIMELY:
        return False
    return _GAP.fullmatch(text, left.end, right.start) is not None
