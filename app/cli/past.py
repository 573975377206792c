"""The past: versions of an item, going back to one, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.parameters import command
from app.cli.render.words import item_line
from store.domain.errors import AskOthers

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.commands.undoing import Undone


@command("history")
@click.argument("item_id", metavar="ID")
def history(session: Session, item_id: str) -> None:
    """List the versions of a task or a note: who wrote what, and when."""
    rows = session.replica.history(session.item(item_id))

    def text() -> str:
        from app.cli.render.past import version_list

        return version_list(rows, session.now)

    session.answer([json_shapes.version(row) for row in rows], text)


@command("revert")
@click.argument("item_id", metavar="ID")
@click.option("--at", "version", required=True, metavar="VERSION", help="See cairn history.")
def revert(session: Session, item_id: str, version: str) -> None:
    """Go back to a version of a task or a note, as a new change that can itself be undone."""
    doc = session.item(item_id)
    session.replica.revert(doc, version)
    row = session.replica.item(doc)
    session.answer(json_shapes.item(row), lambda: f"As it was then: {item_line(row, session.now)}")


@command("undo")
def undo(session: Session) -> None:
    """Take back this device's last act, or say why that isn't possible any more."""
    try:
        undone = session.replica.undo()
    except AskOthers:
        undone = _ask_others(session, back=True)
    _answer(session, undone, "Undone")


@command("redo")
def redo(session: Session) -> None:
    """Do again what `cairn undo` took back last."""
    try:
        done = session.replica.redo()
    except AskOthers:
        done = _ask_others(session, back=False)
    _answer(session, done, "Done again")


def _ask_others(session: Session, *, back: bool) -> Undone:
    """Undo, or redo, what others have to agree to."""
    from app.cli.network import ask_members
    from sync.client import undoing

    step = undoing.undo if back else undoing.redo
    return ask_members(session, lambda members: step(session.replica, members))


def _answer(session: Session, act: Undone, said: str) -> None:
    rows = [session.replica.item(doc) for doc in act.docs]
    value = {"undone": act.label, "items": [json_shapes.item(row) for row in rows]}

    def text() -> str:
        from app.act_words import act_words

        lines = (item_line(row, session.now) for row in rows)
        return "\n".join([f"{said}: {act_words(act.label)}", *lines])

    session.answer(value, text)
