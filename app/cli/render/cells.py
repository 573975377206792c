"""What a page is made of: texts with styles, cells and tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of text and its rich style."""

    text: str
    style: str = ""


Cell = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a cell may have several lines. Headers are empty if there are none."""

    rows: Sequence[Sequence[Cell]]
    headers: Sequence[str] = ()


def cell(*spans: Span | str) -> Cell:
    """Make a cell of texts with and without style."""
    return tuple(Span(each) if isinstance(each, str) else each for each in spans)


def styled(text: str, style: str) -> Cell:
    """Make a cell of one text in one style."""
    return (Span(text, style),)
