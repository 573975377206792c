"""A page of lines and tables that is drawn with rich on a terminal, and written plainly elsewhere.

Plainly means: no colours, nothing wrapped or cut, columns lined up. Only a terminal pays for rich
(54 ms to load, and a third of a millisecond a row).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final
from unicodedata import combining, east_asian_width

from app.cli.render.cells import Cell, Span, Table, cell

_GAP: Final = "  "


class Page:
    """What a command shows, from top to bottom."""

    def __init__(self) -> None:
        self.parts: list[Cell | Table] = []

    def line(self, *spans: Span | str) -> Page:
        """Add a line, or a text of several."""
        self.parts.append(cell(*spans))
        return self

    def table(self, rows: Iterable[Sequence[Cell]], headers: Sequence[str] = ()) -> Page:
        """Add a table."""
        self.parts.append(Table(list(rows), headers))
        return self

    def written(self) -> str:
        """Give the page as standard output should get it."""
        if sys.stdout.isatty():
            from app.cli.render.terminal import drawn

            return drawn(self.parts)
        lines = [line for part in self.parts for line in _plain_lines(part)]
        return "\n".join(line.rstrip() for line in lines)


def _plain_lines(part: Cell | Table) -> Iterable[str]:
    if not isinstance(part, Table):
        return _text(part).split("\n")
    heads = [[[each] for each in part.headers]] if part.headers else []
    rows = heads + [[_text(each).split("\n") for each in row] for row in part.rows]
    widths = _widths(rows)
    return [
        _GAP.join(
            text + " " * (width - _columns(text))
            for text, width in zip(line, widths, strict=False)  # a short row is left of others
        )
        for row in rows
        for line in zip_longest(*row, fillvalue="")
    ]


def _widths(rows: Sequence[Sequence[Sequence[str]]]) -> list[int]:
    widths: list[int] = []
    for row in rows:
        found = [max(map(_columns, lines), default=0) for lines in row]
        widths = [max(pair) for pair in zip_longest(widths, found, fillvalue=0)]
    return widths


def _text(spans: Cell) -> str:
    return "".join(each.text for each in spans)


def _columns(text: str) -> int:
    """Count the columns that a text takes on a screen."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
