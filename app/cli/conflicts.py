"""Conflicts: seeing all sides, settling for everyone, opening again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app import json_shapes
from app.cli import values
from app.cli.parameters import WholeNumber, command
from app.cli.render.words import TAG_FIELD, item_line
from app.refused_rows import refused_change, refused_wish
from store.domain.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.cli.session import Session
    from store.domain.ids import ConflictId, DocId
    from store.replica import Replica
    from store.rows import ConflictRow


@command("conflicts")
@click.option("--settled", is_flag=True, help="The settled ones instead of the open ones.")
def conflicts(session: Session, settled: bool) -> None:
    """List conflicts: what each side wrote, who and when."""
    replica = session.replica
    rows = replica.conflicts(settled=settled, space=session.space)
    parked = [] if settled else replica.refusals(session.space)
    told = [] if settled else replica.notices(space=session.space)
    own = replica.identity
    listed = [
        *rows,
        *(refused_change(row, own.person, own.device) for row in parked),
        *(refused_wish(row, own.person) for row in told),
    ]

    def text() -> str:
        from app.cli.render.conflicts import conflict_list
        from app.cli.render.supplies import notice_list
        from app.cli.render.sync import parked_list

        pages = [conflict_list(rows, session.now, settled=settled)] if rows or not listed else []
        pages += [parked_list(parked)] if parked else []
        pages += [notice_list(told, session.now)] if told else []
        return "\n".join(pages)

    session.answer([json_shapes.conflict(row) for row in listed], text)


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
    found = _find(replica, conflict_id)
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


def _find(replica: Replica, named: str) -> ConflictId:
    """Find an open conflict; what was refused is listed with them and has ways out of its own."""
    try:
        return replica.find_conflict(named)
    except NotFound:
        if named and any(row.id.startswith(named) for row in replica.notices()):
            raise Refused(
                "It was decided by the server; `cairn notices seen` says that you know it."
            ) from None
        if named and any(row.id.startswith(named) for row in replica.refusals()):
            raise Refused(
                "The server refused it; `cairn retry`, `cairn takeback` or `cairn salvage` says "
                "what becomes of it."
            ) from None
        raise


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
