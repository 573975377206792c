"""Conflicts: seeing all sides, settling for everyone, opening again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app import json_shapes, supply_shapes
from app.cli import values
from app.cli.parameters import WholeNumber, command
from app.cli.render.words import TAG_FIELD, item_line
from store.domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.cli.session import Session
    from store.domain.ids import DocId
    from store.rows import ConflictRow


@command("conflicts")
@click.option("--settled", is_flag=True, help="The settled ones instead of the open ones.")
def conflicts(session: Session, settled: bool) -> None:
    """List conflicts: what each side wrote, who and when."""
    replica = session.replica
    rows = replica.conflicts(settled=settled, space=session.space)
    refusals = [] if settled else replica.notices(space=session.space)
    person = replica.identity.person

    def text() -> str:
        from app.cli.render.conflicts import conflict_list

        listed = conflict_list(rows, session.now, settled=settled)
        if not refusals:
            return listed
        from app.cli.render.supplies import notice_list

        told = notice_list(refusals, session.now)
        return f"{listed}\n{told}" if rows else told

    session.answer(
        [
            *(json_shapes.conflict(row) for row in rows),
            *(supply_shapes.refusal(row, person) for row in refusals),
        ],
        text,
    )


@command("resolve")
@click.argument("conflict_id", metavar="ID")
@click.option("--take", type=WholeNumber(min=0), metavar="N", help="Take side N (from 0).")
@click.option("--value", metavar="V", help="Settle on a value of your own; none clears a field.")
@click.option("--file", "file", metavar="F", help="Settle on a file's text (- is standard input).")
def resolve(
    session: Session, conflict_id: str, take: int | None, value: str | None, file: str | None
) -> None:
    """Settle a conflict for everyone; `cairn unresolve` opens it again."""
    if sum(each is not None for each in (take, value, file)) != 1:
        raise click.UsageError("Give exactly one of --take N, --value V and --file F.")
    replica = session.replica
    if any(row.id.startswith(conflict_id) for row in replica.notices() if conflict_id):
        raise Refused("It was decided by the server; `cairn notices seen` says that you know it.")
    found = replica.find_conflict(conflict_id)
    if take is not None:
        doc = replica.resolve(found, take=take)
    else:
        text = value if value is not None else values.text_of(file or "-")
        row = next((row for row in replica.conflicts(remember=False) if row.id == found), None)
        doc = replica.resolve(found, value=_own_value(session, row, text))
    _answer(session, doc, "Settled")


@command("unresolve")
@click.argument("conflict_id", metavar="ID")
def unresolve(session: Session, conflict_id: str) -> None:
    """Open a settled conflict again, for everyone."""
    doc = session.replica.unresolve(session.replica.find_conflict(conflict_id))
    _answer(session, doc, "Open again")


def _own_value(session: Session, row: ConflictRow | None, text: str) -> Any:
    """Read a value as `edit` would read it for the field that is in conflict."""
    if row is None or row.kind != "field" or row.field is None:
        return text
    if row.field.startswith(TAG_FIELD):
        return values.yes_or_no(text) or None
    readers: dict[str, Callable[[], Any]] = {
        "due": lambda: values.due(text, session.now),
        "repeat": lambda: values.repeat(text),
        "priority": lambda: values.priority(text),
        "parent": lambda: None if values.clearable(text) is None else session.item(text),
        "list": lambda: values.clearable(text),
        "assignee": lambda: values.clearable(text),
        "pinned": lambda: values.yes_or_no(text),
    }
    reader = readers.get(row.field)
    return text if reader is None else reader()


def _answer(session: Session, doc: DocId, said: str) -> None:
    row = session.replica.item(doc)
    session.answer(json_shapes.item(row), lambda: f"{said}: {item_line(row, session.now)}")
