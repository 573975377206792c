"""The marks of quick add, each at the start of a word: `#tag`, `@assignee`, `+list`, `!priority`.

    #climb  #2fa  #"two words"      a tag; needs a letter or a sign, so that `#1` stays a number
    @Kit  @"Kit Lee"                assignee; begins with a letter or a sign: `@9am` isn't one
    +Hut  +"Long list"              list; begins likewise: `+1` isn't one
    !low !medium !high  !1 !2 !3    priority, from low to high; `!important` isn't one

A name ends at a space or at punctuation before one; anything else glued to it (`#a+b`, `@me@x.org`)
makes it no mark. Quotes may be straight or curly, as telephones type them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from store.domain.day_words import WORD_END
from store.domain.errors import InvalidValue
from store.domain.fields import PRIORITIES, validated_name, validated_tag

_KINDS: Final = {"#": "tag", "@": "assignee", "+": "list"}
_PRIORITY: Final = re.compile(rf"!(?:(low|medium|high)|([123])){WORD_END}", re.IGNORECASE)
_QUOTED: Final = re.compile(rf'[#@+]["“”]([^"“”]*)["“”]{WORD_END}')
_BARE: Final = re.compile(r'[#@+]([^\s"“”#@+!,;()\[\]{}<>\\]+)')
_WORD_END: Final = re.compile(WORD_END)
_SENTENCE_ENDS: Final = ".:?'’"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: `kind` is `tag`, `assignee`, `list` or `priority`; `end` is the index behind it."""

    kind: str
    end: int
    value: str


def mark_at(text: str, start: int) -> Mark | None:
    """Read the mark that begins at `start`; None if there is none, or no valid one."""
    if text[start] == "!":
        found = _PRIORITY.match(text, start)
        if found is None:
            return None
        value = found[1].lower() if found[1] else PRIORITIES[int(found[2]) - 1]
        return Mark("priority", found.end(), value)
    kind = _KINDS.get(text[start])
    if kind is None:
        return None
    return _quoted(kind, text, start) or _bare(kind, text, start)


def _quoted(kind: str, text: str, start: int) -> Mark | None:
    found = _QUOTED.match(text, start)
    return None if found is None else _mark(kind, found.end(), found[1])


def _bare(kind: str, text: str, start: int) -> Mark | None:
    found = _BARE.match(text, start)
    if found is None:
        return None
    name = found[1].rstrip(_SENTENCE_ENDS)
    end = start + 1 + len(name)
    wordlike = [_is_wordlike(character) for character in name]
    if not (any(wordlike) if kind == "tag" else wordlike[:1] == [True]):
        return None
    return _mark(kind, end, name) if _WORD_END.match(text, end) else None


def _mark(kind: str, end: int, name: str) -> Mark | None:
    try:
        value = validated_tag(name) if kind == "tag" else validated_name(kind, name)
    except InvalidValue:  # empty, too long or broken: then it is only text
        return None
    return Mark(kind, end, value)


def _is_wordlike(character: str) -> bool:
    """Tell letters of any script, and signs such as emoji, from digits and punctuation."""
    category = unicodedata.category(character)
    return category.startswith("L") or category == "So"
