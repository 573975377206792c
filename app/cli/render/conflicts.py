"""Conflicts: every side beside the others, who wrote it and when, and how to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.cli.render.cells import Cell, Span, cell, styled
from app.cli.render.page import Page
from app.cli.render.words import (
    TAG_FIELD,
    by_whom,
    on_one_line,
    printable,
    repeat_words,
    short_id,
    short_ids,
)
from app.local_time import due_words, moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.documents.state import Side
    from store.rows import ConflictRow

# What happened, after the item's title.
_STORIES: Final = {
    "field": "{field} was written differently",
    "lifecycle": "it was taken to different states",
    "trash": "it was edited while it was put in the trash",
    "passage": "one paragraph was edited in different places",
    "refused": "the server refused a change",
}
# How to settle on something else than a side.
_OWN_VALUES: Final = {
    "field": " | --value VALUE",
    "lifecycle": " | --value STATE",
    "passage": " | --value TEXT | --file FILE",
}


def conflict_list(rows: Sequence[ConflictRow], now: datetime, *, settled: bool) -> str:
    """Show conflicts, each with all sides."""
    if not rows:
        return "No conflicts were settled yet." if settled else "No conflicts: all agree."
    page = Page()
    ids = short_ids(row.id for row in rows)
    for number, row in enumerate(rows):
        if number:
            page.line()
        page.line(*_heading(row, ids[row.id]))
        page.table(_sides(row, now), ["", *(_name(n, side) for n, side in enumerate(row.sides))])
        page.line(_ending(row, ids[row.id], now))
    return page.written()


def value_words(value: Any, field: str | None, now: datetime) -> str:
    """Say a value as a person would; None is what was cleared."""
    if field is not None and field.startswith(TAG_FIELD):
        return "on it" if value is True else "not on it"
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "due" and isinstance(value, str):
        return _due_or_text(value, now)
    if field == "repeat" and isinstance(value, str):
        return repeat_words(value)
    return printable(value)


def _due_or_text(value: str, now: datetime) -> str:
    try:
        words = due_words(value, now)
    except ValueError:  # another program wrote what is no date
        return printable(value)
    return value if words == value else f"{words} ({value})"


def _heading(row: ConflictRow, shown_id: str) -> Cell:
    field = on_one_line(row.field or "")
    if field.startswith(TAG_FIELD):
        field = "tag #" + field.removeprefix(TAG_FIELD)
    story = _STORIES.get(row.kind, row.kind).format(field=field)
    return (
        Span(f"{shown_id}  ", "dim"),
        Span(on_one_line(row.title), "bold"),
        Span(f"  ({short_id(row.doc_id)})  {story}"),
    )


def _sides(row: ConflictRow, now: datetime) -> list[list[Cell]]:
    table = [
        [styled("  says", "dim")]
        + [cell(value_words(side.value, row.field, now)) for side in row.sides],
        [styled("  by", "dim")]
        + [
            cell(f"{by_whom(side.author, side.device)}, {moment_words(side.at_ms, now)}")
            for side in row.sides
        ],
    ]
    if row.base is not None:
        table.append([styled("  before", "dim"), cell(value_words(row.base, row.field, now))])
    return table


def _name(number: int, side: Side) -> str:
    return f"{number} · shown now" if side.shown else str(number)


def _ending(row: ConflictRow, shown_id: str, now: datetime) -> Span:
    if row.settled is not None:
        who = by_whom(row.settled.by, row.settled.device)
        taken = on_one_line(value_words(row.settled.value, row.field, now))
        when = moment_words(row.settled.at_ms, now)
        return Span(f"  settled by {who}, {when}: {taken}  (again: cairn unresolve {shown_id})")
    takes = " | ".join(f"--take {number}" for number in range(len(row.sides)))
    own = _OWN_VALUES.get(row.kind, "")
    return Span(f"  settle: cairn resolve {shown_id} {takes}{own}", "green")
