"""What happens to a task: start, block, done, cancel, reopen. Each is an event on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.parameters import CairnCommand
from app.cli.render.words import item_line

if TYPE_CHECKING:
    from app.cli.session import Session


def _event(name: str, meaning: str) -> click.Command:
    """Make the command of one lifecycle event."""

    @click.command(name, cls=CairnCommand, help=meaning)
    @click.argument("item_id", metavar="ID")
    @click.option("--reason", metavar="R", help="Why; kept with the event.")
    @click.pass_obj
    def run(session: Session, item_id: str, reason: str | None) -> None:
        doc = session.item(item_id)
        following = session.replica.transition(doc, name, reason=reason)
        task = session.replica.task(doc)

        def text() -> str:
            lines = [item_line(task, session.now)]
            if following is not None:
                lines.append(f"Next: {item_line(session.replica.task(following), session.now)}")
            return "\n".join(lines)

        session.answer(json_shapes.task(task), text)

    return run


start = _event("start", "Say that work on a task has begun.")
block = _event("block", "Say that a task can't go on for now; --reason says why.")
done = _event("done", "Say that a task is done.")
cancel = _event("cancel", "Give a task up; it stays on record.")
reopen = _event("reopen", "Open a task again that was done or cancelled.")
