"""Tasks and notes, as lists and one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from app.cli.render.console import drawn, plain_table
from app.cli.render.words import (
    by_whom,
    counted,
    details,
    glyph,
    item_line,
    marks,
    on_one_line,
    printable,
    short_id,
    short_ids,
)
from app.local_time import due_words, is_overdue, moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.documents.state import EventRow
    from store.rows import NoteRow, SearchHit, TaskRow

_CLOSED: Final = ("done", "cancelled")
_MARK_START: Final = "\ue000"
_MARK_END: Final = "\ue001"


def task_list(rows: Sequence[TaskRow], now: datetime) -> str:
    """List tasks; a subtask stands under its task if that is in the list too."""
    if not rows:
        return "No tasks here. Add one: cairn add Buy rope tomorrow"
    table = plain_table("", "", "", "", "")
    table.columns[2].no_wrap = True
    ids = short_ids(row.id for row in rows)
    spaces = {row.space for row in rows}
    for depth, row in _as_tree(rows):
        table.add_row(
            Text(ids[row.id], style="dim"),
            _title(row, depth),
            _due(row, now),
            Text(details(row), style="cyan"),
            _aside(row, several=len(spaces) > 1),
        )
    return drawn(table, Text(_count(rows, "task"), style="dim"))


def note_list(rows: Sequence[NoteRow], now: datetime) -> str:
    """List notes without their texts."""
    if not rows:
        return "No notes here. Write one: cairn note Packing list --body packing.md"
    table = plain_table("", "", "", "", "")
    ids = short_ids(row.id for row in rows)
    spaces = {row.space for row in rows}
    for row in rows:
        table.add_row(
            Text(ids[row.id], style="dim"),
            _title(row, 0),
            Text(moment_words(row.updated_at_ms, now), style="dim"),
            Text(details(row), style="cyan"),
            _aside(row, several=len(spaces) > 1),
        )
    return drawn(table, Text(_count(rows, "note"), style="dim"))


def trash_list(rows: Sequence[TaskRow | NoteRow], now: datetime) -> str:
    """List what is in the trash."""
    if not rows:
        return "The trash is empty."
    lines = [Text(item_line(row, now)) for row in rows]
    return drawn(*lines, Text("Get one back: cairn restore ID. Empty it: cairn trash --empty."))


def item_page(row: TaskRow | NoteRow, now: datetime) -> str:
    """Show all of one item."""
    facts = plain_table("", "")
    facts.columns[0].style = "dim"
    for name, value in _facts(row, now):
        facts.add_row(name, Text(value))
    parts = [_title(row, 0), facts]
    if row.body:
        parts += [Text(""), Text(printable(row.body))]
    if row.kind == "task" and row.events:
        parts += [Text(""), *(_event(each, now) for each in row.events)]
    return drawn(*parts)


def hit_list(rows: Sequence[SearchHit], words: str) -> str:
    """List what a search found, best first, the found words bold."""
    if not rows:
        return f"Nothing found for {on_one_line(words)!r}."
    table = plain_table("", "", "")
    ids = short_ids(row.id for row in rows)
    for row in rows:
        sign = "○" if row.kind == "task" else "¶"
        table.add_row(
            Text(ids[row.id], style="dim"),
            Text(f"{sign} {on_one_line(row.title)}"),
            marked(row.snippet),
        )
    return drawn(table)


def marked(snippet: str) -> Text:
    """Turn the marks around found words into bold."""
    text = Text(style="dim")
    for position, part in enumerate(snippet.split(_MARK_START)):
        found, ended, rest = part.partition(_MARK_END) if position else ("", "", part)
        if position and not ended:
            found, rest = "", found
        text.append(on_one_line_kept(found), style="bold not dim")
        text.append(on_one_line_kept(rest))
    return text


def on_one_line_kept(text: str) -> str:
    """Make a stretch of text printable on one line, its spaces at the ends kept."""
    return printable(text.replace("\n", " ").replace("\t", " "))


def _as_tree(rows: Sequence[TaskRow]) -> list[tuple[int, TaskRow]]:
    """Give rows with their depth: children after their parent, otherwise the order they came in."""
    listed = {row.id for row in rows}
    children: dict[str | None, list[TaskRow]] = {}
    for row in rows:
        under = row.parent if row.parent in listed and row.parent != row.id else None
        children.setdefault(under, []).append(row)
    placed: list[tuple[int, TaskRow]] = []
    seen: set[str] = set()
    waiting = [(0, row) for row in reversed(children.get(None, []))]
    while waiting:
        depth, row = waiting.pop()
        if row.id in seen:
            continue
        seen.add(row.id)
        placed.append((depth, row))
        waiting += [(depth + 1, child) for child in reversed(children.get(row.id, []))]
    # Two moves made apart can close a circle of parents; its tasks are still listed.
    return placed + [(0, row) for row in rows if row.id not in seen]


def _title(row: TaskRow | NoteRow, depth: int) -> Text:
    text = Text("  " * depth + glyph(row) + " ")
    closed = row.kind == "task" and row.state in _CLOSED
    text.append(on_one_line(row.title), style="dim" if closed else "bold")
    return text


def _due(row: TaskRow, now: datetime) -> Text:
    late = row.state not in _CLOSED and is_overdue(row.due, now)
    return Text(due_words(row.due, now), style="red" if late else "green")


def _aside(row: TaskRow | NoteRow, *, several: bool) -> Text:
    text = Text(f"in {on_one_line(row.space)}  " if several else "", style="dim")
    text.append(marks(row), style="yellow not dim")
    return text


def _count(rows: Sequence[TaskRow] | Sequence[NoteRow], what: str) -> str:
    pending = sum(row.sync == "pending" for row in rows)
    conflicts = sum(bool(row.conflicts) for row in rows)
    parts = [counted(len(rows), what)]
    if pending:
        parts.append(f"{pending} not sent yet")
    if conflicts:
        parts.append(f"{conflicts} with a conflict (cairn conflicts)")
    return " · ".join(parts)


def _facts(row: TaskRow | NoteRow, now: datetime) -> list[tuple[str, str]]:
    facts = [("id", row.id), ("space", on_one_line(row.space))]
    if row.kind == "task":
        facts.append(("state", row.state))
        facts.append(("due", due_words(row.due, now)))
        facts.append(("parent", short_id(row.parent) if row.parent else ""))
    facts.append(("", details(row)))
    facts.append(("written", moment_words(row.updated_at_ms, now)))
    facts.append(("note" if row.kind == "task" else "mark", marks(row)))
    facts += [("conflict", f"cairn conflicts  ({short_id(each)})") for each in row.conflicts]
    return [(name, value) for name, value in facts if value]


def _event(row: EventRow, now: datetime) -> Text:
    text = Text(f"{moment_words(row.at_ms, now)}  {row.type}", style="dim")
    text.append(f"  {by_whom(row.author, row.device)}")
    if row.reason:
        text.append(f"  “{on_one_line(row.reason)}”")
    if not row.applied:
        text.append(f"  not applied: {on_one_line(row.why or 'its state did not allow it')}")
    return text
