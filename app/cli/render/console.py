"""Draws with rich: colours only on a terminal, no wrapping where a program may read the lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPE_WIDTH: Final = 10_000  # a line of a pipe ends where its text ends


def drawn(*renderables: RenderableType) -> str:
    """Draw one thing under another as the text that standard output should get."""
    console = Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else _PIPE_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as capture:
        for each in renderables:
            console.print(each)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def plain_table(*headers: str) -> Table:
    """Make a table without lines; headers are dim, and absent if there are none."""
    table = Table(
        box=None, show_header=any(headers), header_style="dim", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for header in headers:
        table.add_column(header, overflow="fold")
    return table
