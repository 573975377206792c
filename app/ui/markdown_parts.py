"""A Markdown text as it is drawn: what can be ticked, and what is only read. Pure.

Flet draws check boxes of Markdown as pictures that nobody can tick, so each line of a checklist is
a part of its own, drawn with a real box; what is between them is drawn as Markdown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from store.domain.code_regions import masked

TAB_COLUMNS: Final = 4

_BOX: Final = re.compile(
    r"(?P<indent>[ \t]*(?:>[ \t]?)*[ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+"
    r"\[(?P<mark>[ xX])\](?P<text>[ \t]+\S.*)"
)
_PICTURE: Final = re.compile(r"!\[(?P<words>[^\[\]\n]*)\](?=[(\[])")


@dataclass(frozen=True, slots=True)
class Words:
    """Markdown between checklist lines, and how far it stands to the right, in columns."""

    text: str
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A line of a checklist.

    Attributes:
        at: where its mark (a space or an `x`) stands in the text.
        indent: how far it stands to the right, in columns.
        text: what is to be done, as Markdown.
    """

    at: int
    indent: int
    is_done: bool
    text: str


Part = Words | Box


def parts_of(text: str) -> list[Part]:
    """Cut a text into parts, in order; empty lines between them are left out."""
    parts: list[Part] = []
    between: list[str] = []
    at = 0
    for line, shown in zip(text.split("\n"), masked(text).split("\n"), strict=True):
        found = _BOX.fullmatch(shown)
        if found is None:
            between.append(line)
        else:
            parts += _words(between, below_box=bool(parts))
            between = []
            words = line[found.start("text") : found.end("text")].strip()
            indent = len(found["indent"].expandtabs(TAB_COLUMNS))
            parts.append(Box(at + found.start("mark"), indent, found["mark"] != " ", words))
        at += len(line) + 1
    return [*parts, *_words(between, below_box=bool(parts))]


def ticked(text: str, box: Box) -> str:
    """Tick a box of a text, or take the tick away."""
    return text[: box.at] + (" " if box.is_done else "x") + text[box.at + 1 :]


def only_text_of_pictures(text: str) -> str:
    """Turn pictures into links: nothing is loaded from outside because a text says so."""
    if "![" not in text:
        return text
    pieces: list[str] = []
    kept_from = 0
    for found in _PICTURE.finditer(masked(text)):
        words = text[slice(*found.span("words"))] or "picture"
        pieces += (text[kept_from : found.start()], f"[🖼 {words}]")
        kept_from = found.end()
    return "".join([*pieces, text[kept_from:]])


def _words(lines: list[str], *, below_box: bool) -> Iterator[Words]:
    text = "\n".join(lines).strip("\n").expandtabs(TAB_COLUMNS)
    if text.strip():
        # What is indented below a box belongs to it; on its own it would be code.
        flat = dedent(text) if below_box else text
        yield Words(flat, _leading(text) - _leading(flat))


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
