"""Versions of an item, and what the checks of the home found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.render.cells import cell, styled
from app.cli.render.page import Page
from app.cli.render.words import by_whom, on_one_line
from app.local_time import moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.doctor import Check
    from store.rows import VersionRow

_VERSION_CHARS: Final = 10


def version_list(rows: Sequence[VersionRow], now: datetime) -> str:
    """List versions in the order they are given."""
    table = (
        (
            styled(row.version[:_VERSION_CHARS], "dim"),
            cell(moment_words(row.at_ms, now)),
            styled(by_whom(row.author, row.device), "cyan"),
            cell(on_one_line(row.summary)),
        )
        for row in rows
    )
    return Page().table(table).written()


def check_list(checks: Sequence[Check]) -> str:
    """List checks: name, whether it passed, and what was seen."""
    table = (
        (
            styled("✔" if check.ok else "✘", "green" if check.ok else "red"),
            styled(check.name, "bold"),
            cell(on_one_line(check.detail)),
        )
        for check in checks
    )
    return Page().table(table).written()
