"""Conflicts: every side beside the others, who wrote it and when, and how to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from app.cli.render.console import drawn, plain_table
from app.cli.render.words import by_whom, on_one_line, printable, short_id, short_ids
from app.local_time import due_words, moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType
    from rich.table import Table

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


def conflict_list(rows: Sequence[ConflictRow], now: datetime, *, settled: bool) -> str:
    """Show conflicts, each with all sides."""
    if not rows:
        return "No conflicts were settled yet." if settled else "No conflicts: all agree."
    parts: list[RenderableType] = []
    ids = short_ids(row.id for row in rows)
    for row in rows:
        parts += [_heading(row, ids[row.id]), _sides(row, now), _ending(row, ids[row.id], now)]
        parts.append(Text(""))
    return drawn(*parts)


def value_words(value: Any, field: str | None, now: datetime) -> str:
    """Say a value as a person would; None is what was cleared."""
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "due" and isinstance(value, str):
        return _due_or_text(value, now)
    return printable(value)


def _due_or_text(value: str, now: datetime) -> str:
    try:
        return f"{due_words(value, now)} ({value})"
    except ValueError:  # another program wrote what is no date
        return printable(value)


def _heading(row: ConflictRow, shown_id: str) -> Text:
    text = Text(f"{shown_id}  ", style="dim")
    text.append(on_one_line(row.title), style="bold not dim")
    story = _STORIES.get(row.kind, row.kind).format(field=row.field or "a field")
    text.append(f"  ({short_id(row.doc_id)})  {story}")
    return text


def _sides(row: ConflictRow, now: datetime) -> Table:
    table = plain_table("", *(_name(number, side) for number, side in enumerate(row.sides)))
    values = [value_words(side.value, row.field, now) for side in row.sides]
    table.add_row(Text("  says", style="dim"), *(Text(value) for value in values))
    people = [
        f"{by_whom(side.author, side.device)}, {moment_words(side.at_ms, now)}"
        for side in row.sides
    ]
    table.add_row(Text("  by", style="dim"), *(Text(each) for each in people))
    if row.base is not None:
        table.add_row(Text("  before", style="dim"), Text(value_words(row.base, row.field, now)))
    return table


def _name(number: int, side: Side) -> str:
    return f"{number} · shown now" if side.shown else str(number)


def _ending(row: ConflictRow, shown_id: str, now: datetime) -> Text:
    if row.settled is not None:
        who = by_whom(row.settled.by, row.settled.device)
        taken = value_words(row.settled.value, row.field, now)
        when = moment_words(row.settled.at_ms, now)
        return Text(f"  settled by {who}, {when}: {taken}  (again: cairn unresolve {shown_id})")
    takes = " | ".join(f"--take {number}" for number in range(len(row.sides)))
    own = " | --file FILE" if row.kind == "passage" else " | --value VALUE"
    return Text(f"  settle: cairn resolve {shown_id} {takes}{own}", style="green")
