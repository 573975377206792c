"""The trash: into it, out of it, what is in it, and emptying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.items import whole_tasks
from app.cli.parameters import command
from app.cli.render.words import counted, item_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.rows import NoteRow, TaskRow


@command("rm")
@click.argument("item_id", metavar="ID")
def rm(session: Session, item_id: str) -> None:
    """Put a task or a note in the trash; `cairn restore` gets it back."""
    doc = session.item(item_id)
    session.replica.trash(doc)
    trashed = session.replica.item(doc)
    session.answer(json_shapes.item(trashed), lambda: item_line(trashed, session.now))


@command("restore")
@click.argument("item_id", metavar="ID")
def restore(session: Session, item_id: str) -> None:
    """Get a task or a note back out of the trash."""
    doc = session.item(item_id)
    session.replica.restore(doc)
    restored = session.replica.item(doc)
    session.answer(
        json_shapes.item(restored), lambda: f"Back again: {item_line(restored, session.now)}"
    )


@command("trash")
@click.option("--empty", is_flag=True, help="Remove for good what is in the trash.")
def trash(session: Session, empty: bool) -> None:
    """List the trash, or empty it (all spaces, or one with --space)."""
    rows = _trashed(session)
    if empty:
        purged = set(session.replica.purge_trash(space=session.space))
        gone = [row for row in rows if row.id in purged]
        session.answer(
            [json_shapes.item(row) for row in gone],
            f"Removed {counted(len(gone), 'item')} for good.",
        )
        return

    def text() -> str:
        from app.cli.render.items import trash_list

        return trash_list(rows, session.now)

    session.answer([json_shapes.item(row) for row in rows], text)


def _trashed(session: Session) -> list[TaskRow | NoteRow]:
    replica = session.replica
    tasks = replica.tasks(view="trash", space=session.space)
    if session.as_json:
        tasks = whole_tasks(replica, tasks)
    return [*tasks, *replica.notes(view="trash", space=session.space)]
