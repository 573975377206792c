"""Tasks and notes, as lists and one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.render.cells import Cell, Span, cell, styled
from app.cli.render.page import Page
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
from app.receipt_words import confirmed_words
from store.rows import MARK_END, MARK_START

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.documents.state import EventRow
    from store.rows import Confirmed, Links, NoteRow, SearchHit, TaskRow

_CLOSED: Final = ("done", "cancelled")


def task_list(rows: Sequence[TaskRow], now: datetime) -> str:
    """List tasks; a subtask stands under its task if that is in the list too."""
    if not rows:
        return "No tasks here. Add one: cairn add Buy rope tomorrow"
    ids = short_ids(row.id for row in rows)
    several = len({row.space for row in rows}) > 1
    table = (
        (
            styled(ids[row.id], "dim"),
            _title(row, depth),
            _due(row, now),
            styled(details(row), "cyan"),
            _aside(row, several=several),
        )
        for depth, row in _as_tree(rows)
    )
    return Page().table(table).line(Span(_count(rows, "task"), "dim")).written()


def note_list(rows: Sequence[NoteRow], now: datetime) -> str:
    """List notes without their texts."""
    if not rows:
        return "No notes here. Write one: cairn note Packing list --body packing.md"
    ids = short_ids(row.id for row in rows)
    several = len({row.space for row in rows}) > 1
    table = (
        (
            styled(ids[row.id], "dim"),
            _title(row, 0),
            styled(moment_words(row.updated_at_ms, now), "dim"),
            styled(details(row), "cyan"),
            _aside(row, several=several),
        )
        for row in rows
    )
    return Page().table(table).line(Span(_count(rows, "note"), "dim")).written()


def trash_list(rows: Sequence[TaskRow | NoteRow], now: datetime) -> str:
    """List what is in the trash."""
    if not rows:
        return "The trash is empty."
    page = Page()
    for row in rows:
        page.line(item_line(row, now))
    return page.line("Get one back: cairn restore ID. Empty it: cairn trash --empty.").written()


def item_page(
    row: TaskRow | NoteRow,
    now: datetime,
    found: Confirmed | None = None,
    links: Links | None = None,
) -> str:
    """Show all of one item: where its latest version is and what it is linked to, if given."""
    page = Page().line(*_title(row, 0))
    facts = _facts(row, now)
    if found is not None:
        facts.append(("where", on_one_line(confirmed_words(found))))
    page.table((styled(name, "dim"), cell(value)) for name, value in facts)
    if row.body:
        page.line().line(printable(row.body))
    if row.kind == "task" and row.events:
        page.line()
        for each in row.events:
            page.line(*_event(each, now))
    if links is not None:
        _link_lines(page, links)
    return page.written()


def _link_lines(page: Page, links: Links) -> None:
    for words, rows in (("leads to", links.ahead), ("linked from", links.behind)):
        if rows:
            page.line()
            ids = short_ids(row.id for row in rows)
            page.table(
                (styled(words, "dim"), styled(ids[row.id], "dim"), cell(on_one_line(row.title)))
                for row in rows
            )


def hit_list(rows: Sequence[SearchHit], words: str) -> str:
    """List what a search found, best first, the found words bold."""
    if not rows:
        return f"Nothing found for {on_one_line(words)!r}."
    ids = short_ids(row.id for row in rows)
    table = (
        (
            styled(ids[row.id], "dim"),
            styled(row.kind, "dim"),
            styled(on_one_line(row.title), "bold"),
            marked(row.snippet),
        )
        for row in rows
    )
    return Page().table(table).written()


def marked(snippet: str) -> Cell:
    """Turn the marks around found words into bold."""
    spans: list[Span] = []
    for position, part in enumerate(snippet.split(MARK_START)):
        found, ended, rest = part.partition(MARK_END) if position else ("", "", part)
        if position and not ended:
            found, rest = "", found
        spans += [Span(_flat(found), "bold"), Span(_flat(rest), "dim")]
    return tuple(spans)


def _flat(text: str) -> str:
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


def _title(row: TaskRow | NoteRow, depth: int) -> Cell:
    closed = row.kind == "task" and row.state in _CLOSED
    sign = Span("  " * depth + glyph(row) + " ")
    return (sign, Span(on_one_line(row.title), "dim" if closed else "bold"))


def _due(row: TaskRow, now: datetime) -> Cell:
    late = row.state not in _CLOSED and is_overdue(row.due, now)
    return styled(due_words(row.due, now), "red" if late else "green")


def _aside(row: TaskRow | NoteRow, *, several: bool) -> Cell:
    space = f"in {on_one_line(row.space)}  " if several else ""
    return (Span(space, "dim"), Span(marks(row), "yellow"))


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


def _event(row: EventRow, now: datetime) -> Cell:
    said = f"  {by_whom(row.author, row.device)}"
    if row.reason:
        said += f"  “{on_one_line(row.reason)}”"
    if not row.applied:
        said += f"  not applied: {on_one_line(row.why or 'its state did not allow it')}"
    return (Span(f"{moment_words(row.at_ms, now)}  {row.type}", "dim"), Span(said))
