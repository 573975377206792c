"""Draws a page with rich, for a person at a terminal. NO_COLOR and dumb terminals are respected."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from app.cli.render.cells import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence


def drawn(parts: Sequence[Cell | Table]) -> str:
    """Draw lines and tables as text with the terminal's colours."""
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        for part in parts:
            console.print(_table(part) if isinstance(part, Table) else _text(part))
    return capture.get().rstrip("\n")


def _table(table: Table) -> RichTable:
    made = RichTable(
        box=None,
        show_header=bool(table.headers),
        header_style="dim",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    columns = max((len(row) for row in table.rows), default=0)
    for number in range(columns):
        header = table.headers[number] if number < len(table.headers) else ""
        made.add_column(header, overflow="fold")
    for row in table.rows:
        made.add_row(*(_text(each) for each in row))
    return made


def _text(spans: Cell) -> Text:
    return Text.assemble(*((each.text, each.style) for each in spans))
