"""Changes that the server refused: retry them, take them back, or save them as a new item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.parameters import command
from app.cli.render.words import item_line
from store.domain.errors import NotFound
from store.domain.ids import DocId

if TYPE_CHECKING:
    from app.cli.session import Session


@command("parked")
def parked(session: Session) -> None:
    """List changes that the server refused, and why."""
    rows = session.replica.parked()

    def text() -> str:
        from app.cli.render.sync import parked_list

        items = [session.replica.item(DocId(row.doc_id)) for row in rows]
        return parked_list(rows, [item.title for item in items])

    session.answer([json_shapes.parked(row) for row in rows], text)


@command("retry")
@click.argument("parked_id", metavar="ID")
def retry(session: Session, parked_id: str) -> None:
    """Send refused changes again with the next sync."""
    doc = session.replica.find_parked(parked_id)
    session.replica.retry_parked(doc)
    _answer(session, doc, "Will be sent again")


@command("takeback")
@click.argument("parked_id", metavar="ID")
def takeback(session: Session, parked_id: str) -> None:
    """Take refused changes back; what was typed is kept as a draft."""
    doc = session.replica.find_parked(parked_id)
    before = session.replica.item(doc)
    session.replica.take_back(doc)
    try:
        row = session.replica.item(doc)
    except NotFound:  # the server had refused all of it, so nothing is left
        row = replace(before, trashed=True)
    session.answer(json_shapes.item(row), lambda: f"Taken back: {item_line(row, session.now)}")


@command("salvage")
@click.argument("parked_id", metavar="ID")
def salvage(session: Session, parked_id: str) -> None:
    """Save refused changes as a new item, and take them back from the old one."""
    doc = session.replica.find_parked(parked_id)
    _answer(session, session.replica.salvage(doc), "Saved as")


def _answer(session: Session, doc: DocId, said: str) -> None:
    row = session.replica.item(doc)
    session.answer(json_shapes.item(row), lambda: f"{said}: {item_line(row, session.now)}")
