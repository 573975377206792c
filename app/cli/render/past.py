"""Versions of an item, and what the checks of the home found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from app.cli.render.console import drawn, plain_table
from app.cli.render.words import by_whom, on_one_line
from app.local_time import moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.rows import VersionRow

_VERSION_CHARS: Final = 10


def version_list(rows: Sequence[VersionRow], now: datetime) -> str:
    """List versions in the order they are given."""
    table = plain_table("", "", "", "")
    for row in rows:
        table.add_row(
            Text(row.version[:_VERSION_CHARS], style="dim"),
            Text(moment_words(row.at_ms, now)),
            Text(by_whom(row.author, row.device), style="cyan"),
            Text(on_one_line(row.summary)),
        )
    return drawn(table)


def check_list(checks: Sequence[tuple[str, bool, str]]) -> str:
    """List checks: name, whether it passed, and what was seen."""
    table = plain_table("", "", "")
    for name, passed, detail in checks:
        table.add_row(
            Text("✔" if passed else "✘", style="green" if passed else "red"),
            Text(name, style="bold"),
            Text(on_one_line(detail)),
        )
    return drawn(table)
