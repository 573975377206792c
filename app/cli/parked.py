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
    from collections.abc import Sequence

    from app.cli.session import Session
    from store.rows import HeldRow


@command("parked")
def parked(session: Session) -> None:
    """List changes that the server refused, and why."""
    rows = session.replica.refusals(session.space)

    def text() -> str:
        from app.cli.render.sync import parked_list

        return parked_list(rows)

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
    """Take refused changes back; their text is kept (see cairn drafts)."""
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


@command("drafts")
@click.argument("item_id", metavar="[ID]", required=False)
@click.option("--use", is_flag=True, help="Put the text into its item, as a change.")
@click.option("--drop", is_flag=True, help="Throw the text away.")
def drafts(session: Session, item_id: str | None, use: bool, drop: bool) -> None:
    """List texts that were taken back, show one, put it in after all, or throw it away."""
    if use and drop:
        raise click.UsageError("Say either --use or --drop.")
    if item_id is None:
        if use or drop:
            raise click.UsageError("Say which text: cairn drafts lists them.")
        rows = session.replica.held_drafts()
        session.answer([json_shapes.held(row) for row in rows], lambda: _drafts_text(session, rows))
        return
    doc = session.replica.find_held(item_id)
    row = next(row for row in session.replica.held_drafts() if row.doc_id == doc)
    if use:
        _answer(session, session.replica.put_held_in(doc), "Put into")
        return
    if drop:
        session.replica.drop_held(doc)
    said = "Thrown away: " if drop else ""
    session.answer(json_shapes.held(row), lambda: f"{said}{row.text}")


def _drafts_text(session: Session, rows: Sequence[HeldRow]) -> str:
    from app.cli.render.sync import held_list

    return held_list(rows, session.now)


def _answer(session: Session, doc: DocId, said: str) -> None:
    row = session.replica.item(doc)
    session.answer(json_shapes.item(row), lambda: f"{said}: {item_line(row, session.now)}")
